"""Keys: what TorchServe asks of those who use its interfaces, which it does unless it is told not to."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from windlass.config import Settings
from windlass.errors import InvalidValue

MANAGEMENT, INFERENCE = "management", "inference"
_MASTER = "API"
_EARLY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The keys of the settings, or those in the file that TorchServe writes.

    The file is read for each request, as TorchServe renews its keys there. A key that is about to expire is renewed by
    `renew`, which is given its name and the key that allows it.
    """

    given: Mapping[str, str | None]
    file: Path | None
    renew: Callable[[str, str], None]

    @classmethod
    def of(cls, settings: Settings, file: str | None, *, renew: Callable[[str, str], None]) -> Keys:
        """The keys that settings name; a file that the target names goes before them."""
        given = {MANAGEMENT: settings.torchserve_management_key, INFERENCE: settings.torchserve_inference_key}
        path = file or settings.torchserve_key_file
        return cls(given={} if file else given, file=Path(path).expanduser() if path else None, renew=renew)

    def headers(self, name: str) -> dict[str, str]:
        """What to send to an interface; nothing if no key is known."""
        return bearer(key) if (key := self.given.get(name) or self._from_file(name)) else {}

    def _from_file(self, name: str) -> str | None:
        if self.file is None:
            return None
        content = _read(self.file)
        master = _key(content, _MASTER)
        if master and _expires(content.get(name)) < datetime.now(UTC) + _EARLY:
            self.renew(name, master)
            content = _read(self.file)
        return _key(content, name)


def bearer(key: str) -> dict[str, str]:
    """The header that carries a key."""
    return {"authorization": f"Bearer {key}"}


def _read(file: Path) -> Mapping[str, Any]:
    hint = f"{file} must be the key_file.json that TorchServe writes to the directory in which it is started"
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        why = f"cannot be read: {type(error).__name__}"
        raise InvalidValue("torchserve_key_file", str(file), why, hint=hint) from error
    if not isinstance(content, dict):
        raise InvalidValue("torchserve_key_file", str(file), "holds no keys", hint=hint)
    return content


def _key(content: Mapping[str, Any], name: str) -> str | None:
    entry = content.get(name)
    return entry.get("key") if isinstance(entry, dict) else None


def _expires(entry: Any) -> datetime:
    """When a key expires; never if that is unknown, as the server will say so itself."""
    never = datetime.max.replace(tzinfo=UTC)
    try:
        return datetime.fromisoformat(entry["expiration time"]).astimezone(UTC)
    except (KeyError, TypeError, ValueError):
        return never
