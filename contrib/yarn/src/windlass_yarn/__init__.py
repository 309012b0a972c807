"""Projects as applications of Hadoop YARN."""
