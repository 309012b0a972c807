"""A double of Vertex AI, for tests."""
