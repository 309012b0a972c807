"""Writes that are made durable together."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol, runtime_checkable


class WouldWait(Exception):
    """Somebody else is writing."""


@runtime_checkable
class GroupsWrites(Protocol):
    """A tracking store in which one writes at a time, so that several who want to do better together.

    `writes_alone` says whether this store is such a one right now; where it is not, each write goes its own way.
    `writes_at_once` says whether a small write, once nobody else writes, takes no longer than handing it to a thread.
    """

    @property
    def writes_alone(self) -> bool:
        """Whether writers would only wait for each other."""
        ...

    @property
    def writes_at_once(self) -> bool:
        """Whether a small write waits for no disk."""
        ...

    def write_group(self, *, wait: bool = True) -> AbstractContextManager[None]:
        """Make what this thread writes inside of the block durable at its end, all at once.

        Each write stays whole or nothing, and none is durable before the end: an error there concerns all. Without
        `wait` it raises WouldWait at once where somebody else is writing, in this process or another.
        """
        ...
