"""A double of Azure, for tests."""
