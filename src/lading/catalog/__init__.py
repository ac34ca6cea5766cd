"""Products, channels, locations and the policies that hold for them."""
