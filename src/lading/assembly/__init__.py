"""Work orders: kits made ahead from their components, and taken apart again."""
