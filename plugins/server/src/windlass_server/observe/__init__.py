"""Watching the server at work: request ids, the log, metrics for Prometheus, traces."""
