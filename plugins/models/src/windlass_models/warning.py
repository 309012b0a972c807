"""ModelWarning: something about a model that its user should know."""

from __future__ import annotations


class ModelWarning(UserWarning):
    """A model was saved by other versions, or lacks something that it could have."""
