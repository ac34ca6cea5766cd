"""What is taxed where: a table of rates, and the calculation by it."""
