"""Address: the server that a target names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from windlass.errors import InvalidValue
from windlass.uri import redact

_REPOSITORY = "repository"


@dataclass(frozen=True, slots=True)
class Address:
    """A server's URL, its model repository as a directory that is seen from here too, and what else the target says."""

    url: str
    repository: Path
    more: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, target: str, *, default: str, known: tuple[str, ...] = ()) -> Address:
        """Read `NAME:/URL?repository=DIRECTORY`; without a URL the default. InvalidValue for anything else."""
        name, _, rest = target.partition(":")
        hint = f"say where the server finds its models, as in '{name}:/{default}?repository=/srv/models'"
        text = rest.lstrip("/")
        parts = urlsplit(default + text if text[:1] in {"", "?"} else text)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise InvalidValue("target", redact(target), "has no URL of a server", hint=hint)
        given = dict(parse_qsl(parts.query, keep_blank_values=True))
        repository = given.pop(_REPOSITORY, "")
        if not repository:
            raise InvalidValue("target", redact(target), "names no model repository", hint=hint)
        for word in given:
            if word not in known:
                limit = ", ".join((_REPOSITORY, *known))
                raise InvalidValue("target", redact(target), f"has an unknown part {word!r}", limit=limit)
        return cls(parts._replace(query="", fragment="").geturl(), Path(repository).absolute(), given)
