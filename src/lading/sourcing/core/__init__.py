"""What the solver counts: places, units, grams and amounts. It knows neither orders nor the merchant's rules."""
