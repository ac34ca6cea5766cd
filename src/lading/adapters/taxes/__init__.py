"""Tax services, one file each, and twins that speak as they do."""
