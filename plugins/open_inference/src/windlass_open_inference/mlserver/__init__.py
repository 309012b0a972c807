"""MLServer: a target, and the runtime that serves our models in it."""
