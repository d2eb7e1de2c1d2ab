"""What is kept between runs: audits, journals, waivers, the removal life-cycle. The only home of the database."""
