"""Stock on its way from one location to another."""
