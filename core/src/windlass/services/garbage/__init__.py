"""Files that nothing refers to any more: found, counted, removed, and what is in use spared."""
