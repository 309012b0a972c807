"""Ray: projects as jobs of a cluster, and models as applications of Serve."""
