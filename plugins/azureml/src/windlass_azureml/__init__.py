"""Deployments on Azure Machine Learning."""
