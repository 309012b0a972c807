"""Retention: which runs an experiment keeps, and letting the others go."""
