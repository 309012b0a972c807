"""Importing: everything in one store moved to another one, of whatever kind."""
