"""Deployments on Amazon SageMaker."""
