"""Triton: a target, and the model of its Python backend that serves ours."""
