"""Which cartons hold the units of an order, where each unit lies in them, and what sending them costs."""
