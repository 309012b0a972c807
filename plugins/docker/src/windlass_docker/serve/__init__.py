"""Models that answer requests in containers."""
