"""What is to be printed, where, and whether it was."""
