"""Deployments on TorchServe."""
