"""Archives: projects in zip files, here or behind HTTP."""

from __future__ import annotations

import shutil
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

from windlass.errors import InvalidValue, Unavailable
from windlass.uri import redact

_TIMEOUT = 60.0


def download(address: str, file: Path) -> None:
    """Fetch a file by HTTP; each wait for the server is bounded by a minute."""
    try:
        with urllib.request.urlopen(address, timeout=_TIMEOUT) as answer, file.open("wb") as out:  # noqa: S310  http(s) only, see Location
            shutil.copyfileobj(answer, out)
    except (urllib.error.URLError, TimeoutError, OSError) as error:
        raise Unavailable(f"{redact(address)} cannot be fetched: {error}") from error


def unpack(file: Path, directory: Path) -> Path:
    """Unpack an archive and return the directory of the project: its only top directory, or all of it."""
    extract(file, directory)
    inside = list(directory.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else directory


def extract(file: Path, directory: Path) -> None:
    """Bring all files of an archive into a directory."""
    try:
        with zipfile.ZipFile(file) as archive:
            for name in archive.namelist():
                if name.startswith(("/", "\\")) or ".." in Path(name).parts:
                    raise InvalidValue("uri", name, "is a path that leads out of the archive")
            archive.extractall(directory)
    except zipfile.BadZipFile as error:
        raise InvalidValue("uri", str(file), f"is no zip file ({error})") from None
