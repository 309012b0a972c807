"""Deployments: changing them safely, and remembering who did what."""
