"""Where the bins of a warehouse are, and the shortest walks through it."""
