"""Supervision: projects that processes of this machine own, each of which records how its project ended."""
