"""What is kept between runs. The only home of the database."""
