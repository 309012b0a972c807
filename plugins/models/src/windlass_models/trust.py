"""Whether a model's code may run.

Pickles, a model's own modules and its loader execute whatever they like when they are loaded. The setting
`allow_pickle` decides: `true` allows it, `false` forbids it, and `owned` allows it for models of the configured store
(whoever may write there is trusted to) and for files that this very process has written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from windlass.config import Settings
from windlass.errors import UnsafeModel
from windlass_models.checksums import file_digest

_owned: ContextVar[bool] = ContextVar("windlass_model_is_owned", default=False)
_deployed: ContextVar[Path | None] = ContextVar("windlass_deployed_model", default=None)
_written: set[str] = set()


@contextmanager
def origin(*, owned: bool) -> Iterator[None]:
    """While it lasts, models that are loaded come from the configured store, or from elsewhere."""
    token = _owned.set(owned)
    try:
        yield
    finally:
        _owned.reset(token)


@contextmanager
def deployed(directory: Path) -> Iterator[None]:
    """While it lasts, the code below a directory may run: it is a copy of a model of the configured store."""
    token = _deployed.set(directory.resolve())
    try:
        yield
    finally:
        _deployed.reset(token)


def remember(path: Path) -> None:
    """Note that this process has written a file, or a directory of files, that will execute code."""
    _written.add(_digest(path))


def is_allowed(path: Path) -> bool:
    """Whether the code in a file or directory may run."""
    setting = Settings.load().allow_pickle
    if setting == "owned":
        copy = _deployed.get()
        return _owned.get() or (copy is not None and path.resolve().is_relative_to(copy)) or _digest(path) in _written
    return setting == "true"


def require(path: Path, why: str) -> None:
    """Raise UnsafeModel unless the code in a file or directory may run; `why` says what would execute it."""
    if is_allowed(path):
        return
    if Settings.load().allow_pickle == "false":
        raise UnsafeModel(
            f"{why}, and that is forbidden here (WINDLASS_ALLOW_PICKLE=false)",
            hint="save the model in a format that executes nothing, such as skops",
        )
    raise UnsafeModel(
        f"{why}, and this model is neither from your runs or registry nor written by this program",
        hint="if you trust where it comes from, set WINDLASS_ALLOW_PICKLE=true",
    )


def _digest(path: Path) -> str:
    if path.is_file():
        return file_digest(path)
    whole = hashlib.sha256()
    for file in sorted(path.rglob("*")):
        # What the interpreter leaves beside the sources is its own affair.
        if file.is_file() and "__pycache__" not in file.parts:
            whole.update(f"{file.relative_to(path).as_posix()}\0{file_digest(file)}\0".encode())
    return whole.hexdigest()
