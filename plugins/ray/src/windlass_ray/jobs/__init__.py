"""Projects as jobs of a Ray cluster: the backend on this side, the supervisor on the cluster's."""
