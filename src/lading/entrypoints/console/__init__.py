"""The console: pages for the people of a merchant, rendered on the server."""
