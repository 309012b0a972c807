"""Deployments on Databricks Model Serving."""
