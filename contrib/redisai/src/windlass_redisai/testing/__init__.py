"""A double of RedisAI, for tests."""
