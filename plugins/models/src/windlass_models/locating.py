"""Finding the files of a model, and whether they come from the configured store."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from windlass.errors import NotFound
from windlass.model_uri import is_model_uri
from windlass.uri import Uri
from windlass_models.checksums import check_sums


@dataclass(frozen=True, slots=True)
class Located:
    """The local directory of a model; `owned` if it comes from a run or the registry of the configured store."""

    directory: Path
    owned: bool


def locate(uri: str | Path, destination: str | Path | None = None) -> Located:
    """Fetch a model by any URI or path and check its hashes; NotFound if there is none, Corrupted if they differ."""
    text = str(uri)
    parsed = Uri.parse(text)
    if parsed.scheme == "file" and destination is None:
        directory = parsed.local_path()
        if not directory.is_dir():
            raise NotFound(f"there is no directory {str(directory)!r}")
    else:
        directory = _download(text, destination)
    check_sums(directory)
    return Located(directory, is_model_uri(text))


def _download(uri: str, destination: str | Path | None) -> Path:
    from windlass.fluent.state import current_workspace  # noqa: PLC0415  a model in a local directory needs no store

    if destination is not None:
        Path(destination).mkdir(parents=True, exist_ok=True)
        return current_workspace().artifacts.download(uri, Path(destination))
    directory = current_workspace().artifacts.download(uri)
    if directory.parent == Path(tempfile.gettempdir()) and directory.name.startswith("windlass-"):
        # A loaded model may read its files later, so they stay as long as the program does.
        atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return directory
