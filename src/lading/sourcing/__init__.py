"""Which location fills what.

From below: `core` counts and knows no order; `rules` is how the house decides; `costs`, `plans` and `ranking` are the merchant's rules at
work; `deciding` brings both together, `billing` and `explaining` say what it costs and why; `linting` and `observing` look at the rules.
"""
