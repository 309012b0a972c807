"""Files stored once: equal files of a repository share one content."""
