"""Artifacts on Azure Blob Storage and Data Lake."""
