"""One migration a file, `rNNNN_what.py`."""
