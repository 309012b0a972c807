"""Seal: keeps the secrets of webhooks unreadable in the database, for servers that were given a key."""

from __future__ import annotations

from windlass.errors import InvalidValue, MissingDependency, Unavailable

_MARK = "sealed:"


class Seal:
    """Encrypts with a Fernet key (32 bytes as URL-safe base64); without one texts stay as they are."""

    def __init__(self, key: str | None) -> None:
        self._box = _box(key) if key else None

    def close(self, text: str) -> str:
        """The text as it is to be kept."""
        return text if self._box is None else _MARK + self._box.encrypt(text.encode()).decode()

    def open(self, kept: str) -> str:
        """The text that was kept; Unavailable if it takes another key."""
        if not kept.startswith(_MARK):
            return kept
        try:
            if self._box is not None:
                return str(self._box.decrypt(kept.removeprefix(_MARK).encode()).decode())
        except Exception as error:
            raise _other_key() from error
        raise _other_key()


def _box(key: str):  # type: ignore[no-untyped-def]  # noqa: ANN202  the type is of an optional library
    try:
        from cryptography.fernet import Fernet  # noqa: PLC0415  optional
    except ModuleNotFoundError as error:
        raise MissingDependency(
            "encrypting the secrets of webhooks needs the package 'cryptography'", hint="pip install cryptography"
        ) from error
    try:
        return Fernet(key.encode())
    except ValueError:
        raise InvalidValue(
            "WINDLASS_WEBHOOK_SECRET_KEY", "…", "must be 32 bytes as URL-safe base64",
            hint="python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'",
        ) from None  # fmt: skip


def _other_key() -> Unavailable:
    return Unavailable("the secret of the webhook was encrypted with another key", hint="give the webhook a new secret")
