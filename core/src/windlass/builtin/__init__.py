"""Core's own plugin, shaped like every other."""
