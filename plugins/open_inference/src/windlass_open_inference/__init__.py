"""Deployments on servers that speak the Open Inference Protocol."""
