"""The http(s):// stores: tracking, registry and artifacts behind a Windlass or MLflow server."""
