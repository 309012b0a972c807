"""Models that answer requests on Kubernetes."""
