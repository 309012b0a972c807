"""The HTTP API that MLflow's clients speak, over the services of core, with the artifact proxy."""
