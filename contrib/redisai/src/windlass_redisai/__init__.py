"""Deployments on RedisAI."""
