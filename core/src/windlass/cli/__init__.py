"""The `windlass` program: a lazy command tree, one module a top-level command."""

from __future__ import annotations

from windlass.cli.program import main

__all__ = ["main"]
