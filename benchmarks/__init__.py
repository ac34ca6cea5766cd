"""The measured claims of Lading: what one machine does, beside what its PostgreSQL does by itself."""
