"""Files of stock: what changed in them is found in SQL, and only that becomes commands."""
