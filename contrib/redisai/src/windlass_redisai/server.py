"""RedisAI: the commands of a Redis with that module.

See https://oss.redis.com/redisai/commands/.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    ConnectionError,  # noqa: A004  the name is the library's
    NoPermissionError,
    OutOfMemoryError,
    RedisError,
    ResponseError,
    TimeoutError,  # noqa: A004  the name is the library's
)
from redis.retry import Retry

from windlass.config import Settings
from windlass.errors import InvalidValue, NotFound, PermissionDenied, Unauthenticated, Unavailable, Unsupported
from windlass_redisai.address import Address
from windlass_redisai.tensor import Tensor

_CHUNK = 256 * 1024 * 1024
_KEPT_SECONDS = 300
_WHO = "write redisai:/USER:PASSWORD@HOST:PORT, or set REDIS_USERNAME and REDIS_PASSWORD"


class RedisAI:
    """One server; no call waits for ever."""

    def __init__(self, address: Address, settings: Settings, *, timeout: float | None = None) -> None:
        self._place = str(address)
        self._client = redis.Redis(
            host=address.host,
            port=address.port,
            db=address.database,
            username=address.username,
            password=address.password,
            ssl=address.tls,
            ssl_ca_certs=settings.ca_file if address.tls else None,
            socket_connect_timeout=5.0,
            socket_timeout=settings.http_timeout if timeout is None else timeout,
            protocol=2,
            # A command that was sent may have been carried out.
            retry=Retry(NoBackoff(), 0),
        )

    def store(self, key: str, backend: str, device: str, tag: str, content: bytes, batch: Mapping[str, int]) -> None:
        """Keep a model below a key, in the place of what is there; InvalidValue if the backend cannot load it."""
        chunks = [content[at : at + _CHUNK] for at in range(0, len(content), _CHUNK)] or [b""]
        sizes = [str(one) for name, size in batch.items() for one in (name.upper(), size)]
        try:
            self._ask("AI.MODELSTORE", key, backend, device, "TAG", tag, *sizes, "BLOB", *chunks)
        except _RefusedCommand as error:
            raise InvalidValue("model", backend, f"cannot be loaded by RedisAI: {error}") from error

    def tag(self, key: str) -> str:
        """The tag of a model; NotFound if there is none."""
        try:
            found = self._ask("AI.MODELGET", key, "META")
        except _RefusedCommand as error:
            raise NotFound(f"there is no model {key!r} at {self._place}") from error
        pairs = dict(zip(map(_text, found[::2]), found[1::2], strict=False))
        return _text(pairs.get("tag", b""))

    def tags(self) -> dict[str, str]:
        """The tags of all models by their keys."""
        return {_text(key): _text(tag) for key, tag in self._ask("AI._MODELSCAN")}

    def delete(self, key: str) -> None:
        """Remove a model; nothing happens if it is missing."""
        try:
            self._ask("AI.MODELDEL", key)
        except _RefusedCommand:
            return

    def run(self, key: str, inputs: Sequence[Tensor], outputs: int) -> list[Tensor]:
        """What a model answers; InvalidValue if it refuses the inputs. Nothing of the request stays."""
        mark = f"windlass:{uuid.uuid4().hex}"
        given = [f"{mark}:in:{number}" for number in range(len(inputs))]
        made = [f"{mark}:out:{number}" for number in range(outputs)]
        try:
            for name, one in zip(given, inputs, strict=True):
                self._ask("AI.TENSORSET", name, one.dtype, *one.shape, "BLOB", one.content)
                # If we die, Redis removes it.
                self._ask("EXPIRE", name, _KEPT_SECONDS)
            self._ask("AI.MODELEXECUTE", key, "INPUTS", len(given), *given, "OUTPUTS", outputs, *made)
            return [_tensor(self._ask("AI.TENSORGET", name, "META", "BLOB")) for name in made]
        except _RefusedCommand as error:
            raise InvalidValue("payload", [one.shape for one in inputs], f"was refused: {error}") from error
        finally:
            with _quietly():
                self._client.delete(*given, *made)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _ask(self, command: str, *words: Any) -> Any:
        try:
            return self._client.execute_command(command, *words)  # type: ignore[no-untyped-call]  # it has no types
        except TimeoutError as error:
            raise Unavailable(f"{self._place} did not answer in time") from error
        except (AuthenticationError, NoPermissionError) as error:
            kind = PermissionDenied if isinstance(error, NoPermissionError) else Unauthenticated
            raise kind(f"{self._place} does not let us in", hint=_WHO) from error
        except ConnectionError as error:
            hint = "is Redis running, and is the target right?"
            raise Unavailable(f"{self._place} cannot be reached", hint=hint) from error
        except OutOfMemoryError as error:
            raise Unavailable(
                f"{self._place} has no memory left", hint="delete something, or raise maxmemory"
            ) from error
        except ResponseError as error:
            raise self._refused(str(error)) from error
        except RedisError as error:
            raise Unavailable(f"{self._place} failed: {type(error).__name__}") from error

    def _refused(self, said: str) -> Exception:
        if said.lower().startswith("unknown command"):
            return Unsupported(f"{self._place} has no RedisAI", hint="load the module redisai.so into Redis")
        if said.startswith(("NOAUTH", "WRONGPASS")):
            return Unauthenticated(f"{self._place} does not let us in", hint=_WHO)
        return _RefusedCommand(" ".join(said.split())[:300])


class _RefusedCommand(Exception):
    """What RedisAI says of a command that it does not carry out."""


@contextmanager
def _quietly() -> Iterator[None]:
    """What happened before is what the user must know."""
    try:
        yield
    except RedisError:
        return


def _text(found: Any) -> str:
    return found.decode("utf-8", "replace") if isinstance(found, bytes) else str(found)


def _tensor(found: Sequence[Any]) -> Tensor:
    pairs = dict(zip(map(_text, found[::2]), found[1::2], strict=False))
    return Tensor(_text(pairs["dtype"]), tuple(int(one) for one in pairs["shape"]), bytes(pairs["blob"]))
