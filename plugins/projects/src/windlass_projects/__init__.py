"""Running projects: fetching them, reading what they declare, and a backend that runs them on this machine."""
