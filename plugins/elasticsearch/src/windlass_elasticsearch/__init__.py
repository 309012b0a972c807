"""Tracking store, model registry and records on Elasticsearch."""
