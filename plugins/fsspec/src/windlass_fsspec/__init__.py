"""Artifacts on any file system that fsspec knows."""

from __future__ import annotations

from windlass_fsspec.repository import FsspecArtifactRepository

__all__ = ["FsspecArtifactRepository"]
