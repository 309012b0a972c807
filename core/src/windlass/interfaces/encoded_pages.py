"""Pages that a store encodes itself."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from windlass.entities import EncodedPage
from windlass.search import Query


@runtime_checkable
class EncodesPages(Protocol):
    """A run store that gives pages in the JSON of the HTTP API, without making entities first.

    `windlass.wire.encoded` has the form. What comes out must be what encoding the entities would give.
    """

    def search_encoded(self, query: Query) -> EncodedPage:
        """The page that `search` gives, as JSON."""
        ...

    def metric_history_encoded(
        self, run_id: str, key: str, *, max_results: int | None = None, page_token: str | None = None
    ) -> EncodedPage:
        """The points that `metric_history` gives, as JSON."""
        ...
