"""What the index page of a directory on a web server lists."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit


def entries(page: str, url: str) -> dict[str, bool]:
    """The names that a page at `url` links to directly below it, and whether each is a directory."""
    return dict(_below(url, _links(page)))


def _links(page: str) -> list[str]:
    reader = _Links()
    reader.feed(page)
    reader.close()
    return reader.found


def _below(url: str, links: list[str]) -> Iterator[tuple[str, bool]]:
    here = urlsplit(url)
    directory = here.path.rpartition("/")[0] + "/"
    for link in links:
        there = urlsplit(urljoin(url, link))
        # With a query they are the ways to sort the page.
        if there.netloc != here.netloc or there.query or not there.path.startswith(directory):
            continue
        segment = there.path.removeprefix(directory)
        name = unquote(segment.rstrip("/"))
        if name not in {"", ".", ".."} and "/" not in name:
            yield name, segment.endswith("/")


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]
