"""Projects and models in containers, by the API of Docker or Podman."""
