"""No business words: ids, money arithmetic, outcomes."""
