"""windlass deployments: deploy models to targets, change them safely, and ask them."""
