"""Query: what a search asks a store for."""

from __future__ import annotations

from dataclasses import dataclass

from windlass.entities import ViewType
from windlass.search.selection import Selection
from windlass.search.syntax import EVERYTHING, Expression, OrderBy


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A search; `experiment_ids` and `view` matter where entities have an experiment and a life cycle.

    `order_by` is complete: services append the entity's default ordering, which ends with what is unique, so that a
    page can go on exactly where the last one ended. `page_token` is the `token` of a page of the same query.
    `datasets` are (name, digest or None) pairs that metric terms on logged models are limited to. `select` says which
    parts of each run are wanted, None all of them; pages with different selections continue each other.
    """

    filter: Expression = EVERYTHING
    order_by: tuple[OrderBy, ...] = ()
    max_results: int = 1000
    page_token: str | None = None
    view: ViewType = ViewType.ACTIVE_ONLY
    experiment_ids: tuple[str, ...] = ()
    datasets: tuple[tuple[str, str | None], ...] = ()
    select: Selection | None = None

    @property
    def fingerprint(self) -> str:
        """What a page token must match: everything but the page itself."""
        parts = (
            str(self.filter),
            [(str(key), key.dataset_name, key.dataset_digest) for key in self.order_by],
            int(self.view),
            self.experiment_ids,
            self.datasets,
        )
        return repr(parts)
