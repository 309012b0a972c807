"""Models that answer requests through KServe."""
