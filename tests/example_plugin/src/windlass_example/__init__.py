"""A stranger's plugin, for the tests."""
