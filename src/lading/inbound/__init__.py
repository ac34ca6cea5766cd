"""What is bought and on its way, who waits for it, and what they were promised."""
