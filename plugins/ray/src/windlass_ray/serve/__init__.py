"""Models as applications of Ray Serve: the target on this side, the application on the cluster's."""
