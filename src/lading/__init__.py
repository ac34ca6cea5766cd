"""Lading: order management, from the click to the doorstep and back."""

__version__ = "0.1.0"
