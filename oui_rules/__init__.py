"""What is known about makers, brands, laws and prices: data files that carry their own proof, no code."""
