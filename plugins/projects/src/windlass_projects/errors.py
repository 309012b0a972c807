"""Errors of projects."""

from __future__ import annotations

from windlass.errors import WindlassError


class ProjectFailed(WindlassError):
    """A project whose command did not succeed."""


class CannotReproduce(WindlassError):
    """A run that cannot be run again: the message says what is missing."""
