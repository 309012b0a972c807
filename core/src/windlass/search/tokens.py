"""Cutting a filter into tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from windlass.errors import InvalidQuery

MAX_LENGTH = 100_000

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<escaped>[eE]'(?:[^'\\]|\\.)*')
      | (?P<single>'(?:''|[^'])*')
      | (?P<double>"(?:""|[^"])*")
      | (?P<tick>`[^`]*`)
      | (?P<suffix>\.[A-Za-z]+)
      | (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
      | (?P<operator><=|>=|!=|=|<|>)
      | (?P<punctuation>[(),])
      | (?P<word>[^\W\d][\w\-/:.]*)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a filter: its kind (a group name of the pattern, or `end`), its text and where it begins."""

    kind: str
    text: str
    position: int

    def is_word(self, *words: str) -> bool:
        """Whether this is one of these keywords, in any case."""
        return self.kind == "word" and self.text.upper() in words

    @property
    def unquoted(self) -> str:
        """The text without its quotes; only the `e'…'` form knows escapes."""
        if self.kind == "escaped":
            return re.sub(r"\\(.)", r"\1", self.text[2:-1], flags=re.DOTALL)
        return self.text[1:-1] if self.kind in {"single", "double", "tick"} else self.text


def tokenize(text: str) -> list[Token]:
    """All tokens of a filter, ending with one of the kind `end`."""
    if len(text) > MAX_LENGTH:
        raise InvalidQuery("filter", text, "is too long", limit=f"{MAX_LENGTH} characters")
    return [*_scan(text), Token("end", "", len(text))]


def _scan(text: str) -> Iterator[Token]:
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise InvalidQuery(
                "filter", text, f"cannot be read at position {position}: {text[position : position + 20]!r}"
            )
        position = match.end()
        if match.lastgroup not in {None, "space"}:
            yield Token(str(match.lastgroup), match[0], match.start())
