"""A double of Algorithmia, for tests."""
