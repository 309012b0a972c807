"""Param: an input of a run, written once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter; its value is text and never changes once written."""

    key: str
    value: str
