"""Images of containers that serve a model: what is in them, without any program that builds them."""
