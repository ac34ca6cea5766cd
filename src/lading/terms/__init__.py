"""Value types of more than one room, without logic of their own."""
