"""Visibility: what searches may show to whoever is asking."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Protocol, TypeVar

from windlass.entities import Experiment, Page
from windlass.search import Query

T = TypeVar("T")
_LEAST = 1000


class Visibility(Protocol):
    """Says what may be seen; it is asked in the thread that does the search."""

    def experiment_ids(self, experiment_ids: Iterable[str]) -> tuple[str, ...]:
        """Those of the experiments whose content may be seen; the others are as if they did not exist."""
        ...

    def shows_experiment(self, experiment: Experiment) -> bool:
        """Whether an experiment may be seen."""
        ...

    def shows_model(self, name: str) -> bool:
        """Whether a registered model and its versions may be seen."""
        ...

    def shows_source(self, uri: str) -> bool:
        """Whether it may be seen that somebody uses the model of this URI."""
        ...


class Everything:
    """Shows everything, as to whoever owns the stores."""

    def experiment_ids(self, experiment_ids: Iterable[str]) -> tuple[str, ...]:
        """All of them."""
        return tuple(experiment_ids)

    def shows_experiment(self, experiment: Experiment) -> bool:
        """True."""
        del experiment
        return True

    def shows_model(self, name: str) -> bool:
        """True."""
        del name
        return True

    def shows_source(self, uri: str) -> bool:
        """True."""
        del uri
        return True


EVERYTHING = Everything()


def visible_page(search: Callable[[Query], Page[T]], query: Query, shows: Callable[[T], bool]) -> Page[T]:
    """A page of what may be seen, filled from as many pages of the store as it takes.

    Tokens are the store's own: where more was read than fits, the last page is read again up to what was taken.
    """
    page = search(query)
    found = [one for one in page if shows(one)]
    if len(found) == len(page):
        return page
    token = page.token
    while token and len(found) < query.max_results:
        missing = query.max_results - len(found)
        page = search(replace(query, page_token=token, max_results=max(missing, _LEAST)))
        shown = [place for place, one in enumerate(page, start=1) if shows(one)]
        if len(shown) > missing:
            page = search(replace(query, page_token=token, max_results=shown[missing - 1]))
        found.extend(one for one in page if shows(one))
        token = page.token
    return Page(found, token)
