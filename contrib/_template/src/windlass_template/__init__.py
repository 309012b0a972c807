"""A working Windlass plugin to copy: it tags every run with the machine that it ran on."""
