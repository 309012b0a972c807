"""Models and projects on Kubernetes."""
