"""Building queries from what users type, and walking through all pages of an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from windlass.entities import Page, ViewType
from windlass.errors import InvalidQuery
from windlass.search import Field, FieldKind, OrderBy, Query, Schema, parse_filter, parse_order_by, parse_select
from windlass.services.limits import MAX_RESULTS, check_int64, check_max_results

T = TypeVar("T")
_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A search as users write it: filter and ordering as texts."""

    filter: str | None = ""
    order_by: Iterable[str | OrderBy] | str | None = ()
    max_results: int = 1000
    page_token: str | None = None
    view: ViewType | int = ViewType.ACTIVE_ONLY
    experiment_ids: Iterable[str] = ()
    datasets: Iterable[tuple[str, str | None]] = ()
    select: Iterable[str] | None = None

    def query(self, schema: Schema, *, limit: int = MAX_RESULTS) -> Query:
        """The checked query, its ordering completed so that pages are well defined."""
        return Query(
            filter=parse_filter(self.filter, schema),
            order_by=_complete_order(self.order_by, schema),
            max_results=check_max_results(self.max_results, limit),
            page_token=self.page_token or None,
            view=_view(self.view),
            experiment_ids=tuple(dict.fromkeys(str(one) for one in self.experiment_ids)),
            datasets=tuple(self.datasets),
            select=None if self.select is None else parse_select(self.select),
        )


def every(page: Callable[[str | None], Page[T]]) -> Iterator[T]:
    """All results of a search: `page` fetches the page behind a token."""
    token = None
    while True:
        answer = page(token)
        yield from answer
        token = answer.token
        if not token:
            return


def take(page: Callable[..., Page[T]], limit: int | None) -> list[T]:
    """The first `limit` results of a search, all without one, however many pages that takes.

    `page` fetches one, given `max_results` and `page_token`.
    """
    if limit is not None and check_int64("max_results", limit) < 1:
        raise InvalidQuery("max_results", limit, "must be 1 or more")
    found: list[T] = []
    token = None
    while limit is None or len(found) < limit:
        answer = page(max_results=_PAGE if limit is None else min(_PAGE, limit - len(found)), page_token=token)
        found.extend(answer)
        token = answer.token
        if not token:
            break
    return found


def _complete_order(order_by: Iterable[str | OrderBy] | str | None, schema: Schema) -> tuple[OrderBy, ...]:
    texts = [order_by] if isinstance(order_by, str) else order_by or ()
    keys = [parse_order_by(one, schema) if isinstance(one, str) else one for one in texts if one]
    named = {key.field for key in keys}
    for name, ascending in schema.default_order:
        field = Field(FieldKind.ATTRIBUTE, name)
        if field not in named:
            keys.append(OrderBy(field, ascending))
    return tuple(keys)


def _view(view: ViewType | int) -> ViewType:
    try:
        return ViewType(view)
    except ValueError:
        known = ", ".join(f"{one.name} ({one.value})" for one in ViewType)
        raise InvalidQuery("view_type", view, "is not known", limit=known) from None
