"""What the book says is there and is not: units that orders and reservations hold in vain."""
