"""Projects in containers, by the API of Docker or Podman."""
