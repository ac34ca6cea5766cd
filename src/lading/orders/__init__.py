"""Orders, lines, quantities, holds and what they cost."""
