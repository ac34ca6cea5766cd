"""One verb a file. Operations compose rooms and hold no arithmetic."""
