"""Environments of projects: who makes them, and where they are kept."""
