"""Errors of projects."""

from __future__ import annotations

from windlass.errors import WindlassError


class ProjectFailed(WindlassError):
    """A project whose command did not succeed."""
