"""Takes Elasticsearch out of the package that carries it: unpack.py PACKAGE DIRECTORY."""

from __future__ import annotations

import shutil
import sys
import zipfile
from pathlib import Path

_FOREIGN = (".bat", ".exe")
_FOREIGN_PLATFORMS = ("/platform/darwin", "/platform/windows")


def unpack(package: Path, directory: Path) -> None:
    """Write the files of `*/elasticsearch/` that this machine can use."""
    with zipfile.ZipFile(package) as archive:
        for info in archive.infolist():
            _, _, inner = info.filename.partition("/elasticsearch/")
            foreign = inner.endswith(_FOREIGN) or any(one in info.filename for one in _FOREIGN_PLATFORMS)
            if not inner or info.is_dir() or foreign:
                continue
            target = directory / inner
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(info) as source, target.open("wb") as file:
                shutil.copyfileobj(source, file, 1 << 20)
    # It is empty, and the server wants it.
    (directory / "plugins").mkdir(exist_ok=True)


if __name__ == "__main__":
    unpack(Path(sys.argv[1]), Path(sys.argv[2]))
