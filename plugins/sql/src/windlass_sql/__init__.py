"""Tracking store and model registry on SQL databases, SQLite (the embedded default) first."""
