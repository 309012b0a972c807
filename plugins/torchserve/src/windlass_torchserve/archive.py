"""ModelStore: the directory with the archives from which TorchServe loads models."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from windlass.errors import InvalidValue, Unavailable
from windlass.interfaces import DeploymentRecord

_FILE = re.compile(r"(?P<name>.+)\.(?P<version>[1-9][0-9]{0,9})\.windlass\.mar")
_RECORD, _HANDLER = "windlass.json", "windlass_handler.py"
_SOURCE = Path(__file__).with_name("handler.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """One version of a deployment's model; TorchServe knows the version by the same number."""

    file: Path
    version: int
    record: DeploymentRecord

    def remove(self) -> None:
        """Take it away; nothing happens if it is gone."""
        self.file.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class ModelStore:
    """What is in the directory besides is others'."""

    directory: Path

    def names(self) -> list[str]:
        """The deployments that have an archive, sorted."""
        found = map(_FILE.fullmatch, (one.name for one in self._files()))
        return sorted({match["name"] for match in found if match})

    def archives(self, name: str) -> list[Archive]:
        """The archives of a deployment, oldest first."""
        found = (self._archive(file, name) for file in self._files())
        return sorted((one for one in found if one), key=lambda one: one.version)

    def add(self, record: DeploymentRecord, model: Path, *, above: int = 0) -> Archive:
        """Write the next version of a deployment, with a number above this one; nothing is left if that fails."""
        version = max(above, *(one.version for one in self.archives(record.name)), 0) + 1
        while True:
            archive = Archive(file=self._file(record.name, version), version=version, record=record)
            try:
                _write(archive, model)
            except FileExistsError:
                # Somebody else has updated it at the same time, or left half an archive.
                version += 1
            except OSError as error:
                hint = "who deploys must be allowed to write there"
                raise Unavailable(f"{archive.file} cannot be written: {error.strerror}", hint=hint) from error
            else:
                return archive

    def _files(self) -> Iterator[Path]:
        if not self.directory.is_dir():
            hint = "it must be TorchServe's model_store, as a directory that is seen from here"
            raise InvalidValue("model_store", str(self.directory), "is no directory", hint=hint)
        return self.directory.glob("*.windlass.mar")

    def _file(self, name: str, version: int) -> Path:
        return self.directory / f"{name}.{version}.windlass.mar"

    def _archive(self, file: Path, name: str) -> Archive | None:
        match = _FILE.fullmatch(file.name)
        if match is None or match["name"] != name:
            return None
        try:
            with zipfile.ZipFile(file) as archive:
                record = DeploymentRecord.decode(archive.read(_RECORD).decode())
        except (FileNotFoundError, KeyError, ValueError, zipfile.BadZipFile):
            # Half written by somebody else, or just removed.
            return None
        if record is None:
            return None
        return Archive(file=file, version=int(match["version"]), record=record)


def _write(archive: Archive, model: Path) -> None:
    with zipfile.ZipFile(archive.file, "x", zipfile.ZIP_DEFLATED, compresslevel=1, strict_timestamps=False) as target:
        try:
            target.writestr("MAR-INF/MANIFEST.json", _manifest(archive))
            target.writestr(_RECORD, archive.record.encode())
            target.write(_SOURCE, _HANDLER)
            for file in sorted(model.rglob("*")):
                target.write(file, Path("model", file.relative_to(model)))
        except BaseException:
            archive.remove()
            raise


def _manifest(archive: Archive) -> str:
    model = {"modelName": archive.record.name, "modelVersion": str(archive.version), "handler": _HANDLER}
    return json.dumps({"runtime": "python", "model": model}, indent=2)
