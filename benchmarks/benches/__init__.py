"""One named bench, or one family of them, a file."""
