"""URIs: how people name stores, artifacts and targets."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from windlass.errors import InvalidValue

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")


@dataclass(frozen=True, slots=True)
class Uri:
    """A URI whose scheme selects the plugin; a plain path has the scheme `file`.

    `scheme` is lower case and free of a driver: `postgresql+psycopg://…` has the scheme `postgresql` and the driver
    `psycopg`. `text` is what the user typed and may hold a password: print the URI with `str()`, which hides it.
    """

    text: str
    scheme: str
    driver: str | None = None

    @classmethod
    def parse(cls, text: str) -> Uri:
        """Read a URI or a local path; an empty text is an `InvalidValue`."""
        if not text or "\x00" in text:
            raise InvalidValue("uri", text, "must be a URI or a path, not empty and without NUL")
        match = _SCHEME.match(text)
        if match is None:
            return cls(text, "file")
        scheme, _, driver = match[1].lower().partition("+")
        return cls(text, scheme, driver or None)

    @property
    def path(self) -> str:
        """The path with its percent-escapes decoded."""
        return unquote(urlsplit(self.text).path) if _SCHEME.match(self.text) else self.text

    @property
    def netloc(self) -> str:
        """Host, port and credentials, as typed."""
        return urlsplit(self.text).netloc if _SCHEME.match(self.text) else ""

    def join(self, *segments: str) -> Uri:
        """This URI with path segments appended, before any query."""
        return Uri(join(self.text, *segments), self.scheme, self.driver)

    def path_below(self, other: Uri) -> str | None:
        """The path from another URI to this one, empty if they are the same; None if this one is not below it."""
        if (self.scheme, self.netloc, _query(self.text)) != (other.scheme, other.netloc, _query(other.text)):
            return None
        path, root = self.path.rstrip("/"), other.path.rstrip("/")
        return path[len(root) :].lstrip("/") if f"{path}/".startswith(f"{root}/") else None

    def local_path(self) -> Path:
        """The local file that a `file:` URI or a plain path names."""
        if self.scheme != "file":
            raise InvalidValue("uri", str(self), "must be a local path or a file: URI")
        return Path(self.path)

    def __str__(self) -> str:
        return redact(self.text)


def join(text: str, *segments: str) -> str:
    """`text` with path segments appended, before any query or fragment."""
    extra = [segment.strip("/") for segment in segments if segment.strip("/")]
    if not extra:
        return text
    if not _SCHEME.match(text):
        return posixpath.join(text, *extra)
    scheme, netloc, path, query, fragment = urlsplit(text)
    joined = posixpath.join(path, *extra) if path else "/" + "/".join(extra)
    if not netloc and text.startswith(f"{scheme}:///"):
        # urlunsplit would drop the empty authority of schemes it does not know, and file:///x must stay file:///x.
        return f"{scheme}://{joined}" + (f"?{query}" if query else "")
    return urlunsplit((scheme, netloc, joined, query, fragment))


def _query(text: str) -> str:
    return urlsplit(text).query if _SCHEME.match(text) else ""


def redact(text: str) -> str:
    """`text` with the password of its authority replaced by `***`."""
    return re.sub(r"(?<=://)([^/@:]*):[^/@]*@", r"\1:***@", text)
