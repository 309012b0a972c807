"""Projects as jobs of Kubernetes."""
