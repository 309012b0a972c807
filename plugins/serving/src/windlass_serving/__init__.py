"""The scoring server, and the local deployment target that runs it as a process."""
