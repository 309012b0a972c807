"""Reproduction: records of what a run was made from, running it again, and comparing."""
