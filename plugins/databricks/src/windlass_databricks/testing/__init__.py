"""A double of Databricks, for tests."""
