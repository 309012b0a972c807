"""Deployments on Vertex AI."""
