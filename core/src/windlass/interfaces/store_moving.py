"""What a store tells and takes beyond its interface, so that nothing is lost when all of it moves to another one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol, runtime_checkable

from windlass.config import Settings
from windlass.entities import Metric, Page
from windlass.uri import Uri


@runtime_checkable
class TellsExistence(Protocol):
    """A store that can be looked for without being made by that; implemented by the class, not by an open store."""

    @classmethod
    def exists(cls, uri: Uri, settings: Settings) -> bool:
        """Whether there is a store at the URI, of whatever release."""
        ...


@runtime_checkable
class TellsDeletedAlone(Protocol):
    """A run store that knows which deleted runs went into the bin without their experiment."""

    def deleted_alone(self, run_ids: Collection[str]) -> frozenset[str]:
        """Those of the runs that are deleted and stay so when their experiment is restored."""
        ...


@runtime_checkable
class ReadsHistories(Protocol):
    """A run store that reads the histories of many runs at once."""

    def histories(
        self, run_ids: Sequence[str], *, max_results: int, page_token: str | None = None
    ) -> Page[tuple[str, Metric]]:
        """All points of all metrics of the runs, each with the id of its run, in pages.

        The points of one metric of one run come together and in the order of its history; which metric comes first is
        not said. A run that is not there has none.
        """
        ...


@runtime_checkable
class NumbersVersions(Protocol):
    """A version store whose counters of numbers can be read and moved on."""

    def last_number(self, name: str) -> int:
        """The highest number that a version of the model ever had, 0 without any; NotFound without such a model."""
        ...

    def reserve(self, name: str, number: int) -> None:
        """Give no version a number up to this one any more; nothing happens where they are all taken.

        NotFound without such a model.
        """
        ...
