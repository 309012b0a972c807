"""Address: the TorchServe that a target names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from windlass.errors import InvalidValue
from windlass.uri import redact

_INFERENCE = "http://127.0.0.1:8080"
_MANAGEMENT_PORT = 8081
_KNOWN = ("model_store", "management", "key_file")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """The URLs of both interfaces, the model store as a directory that is seen from here too, and the file of keys."""

    inference: str
    management: str
    model_store: Path
    key_file: str | None = None

    @classmethod
    def parse(cls, target: str) -> Address:
        """Read `torchserve:/URL?model_store=DIRECTORY&management=URL&key_file=FILE`; InvalidValue for anything else.

        Without a URL it is this machine's, and the management interface is at port 8081 of the same host.
        """
        text = target.partition(":")[2].lstrip("/")
        parts = urlsplit(_INFERENCE + text if text[:1] in {"", "?"} else text)
        given = dict(parse_qsl(parts.query, keep_blank_values=True))
        for word in given:
            if word not in _KNOWN:
                raise InvalidValue("target", redact(target), f"has an unknown part {word!r}", limit=", ".join(_KNOWN))
        inference = _checked(target, parts._replace(query="", fragment="").geturl())
        if not given.get("model_store"):
            hint = f"say where the server finds its models, as in 'torchserve:/{_INFERENCE}?model_store=/srv/models'"
            raise InvalidValue("target", redact(target), "names no model store", hint=hint)
        return cls(
            inference=inference,
            management=_checked(target, given.get("management") or _beside(inference)),
            model_store=Path(given["model_store"]).absolute(),
            key_file=given.get("key_file") or None,
        )


def _checked(target: str, url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidValue("target", redact(target), "has no URL of a server", hint=f"such as {_INFERENCE}")
    return url.rstrip("/")


def _beside(url: str) -> str:
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}:{_MANAGEMENT_PORT}"
