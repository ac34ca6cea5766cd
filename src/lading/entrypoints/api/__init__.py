"""The HTTP API: every verb from its registration, every view from its table."""
