"""Deployments on Algorithmia."""
