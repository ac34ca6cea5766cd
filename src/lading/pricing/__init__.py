"""What products cost: lists of prices."""
