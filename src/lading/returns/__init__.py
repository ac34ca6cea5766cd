"""What comes back: asked for, received, restocked or scrapped, refunded; and what nobody can explain."""
