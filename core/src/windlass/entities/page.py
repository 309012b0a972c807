"""Pages: some of the answers, and where the next ones begin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


class Page(list[T]):
    """A list with a `token` for the next page; the token is None on the last one."""

    def __init__(self, items: Iterable[T] = (), token: str | None = None) -> None:
        super().__init__(items)
        self.token = token


@dataclass(frozen=True, slots=True)
class EncodedPage:
    """The items of a page as a JSON array in the form of the HTTP API, and the token of the next page."""

    json: str = "[]"
    token: str | None = None
