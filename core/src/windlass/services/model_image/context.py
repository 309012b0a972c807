"""ImageContext: the files that an image is built from."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import windlass
from windlass.errors import AlreadyExists, Unavailable
from windlass.services.model_image.dockerfile import dockerfile
from windlass.services.model_image.model_needs import ModelNeeds
from windlass.services.model_image.recipe import ImageRecipe

_READABLE, _ENTERABLE = 0o644, 0o755


@dataclass(frozen=True, slots=True)
class ImageContext:
    """Texts and files of this machine by their paths in the context, which is what `COPY` of the Dockerfile sees."""

    texts: Mapping[str, str]
    files: Mapping[str, Path]

    @classmethod
    def of(cls, model: Path | None, recipe: ImageRecipe) -> ImageContext:
        """What is needed for a model, or for any model that is put into the container later."""
        needs = ModelNeeds.of(model)
        texts = {"Dockerfile": dockerfile(needs, recipe, with_model=model is not None)}
        files = {} if model is None else dict(_below("model", model))
        if recipe.install != "none":
            lines = [*needs.requirements, *recipe.requirements, f"windlass-serving=={windlass.__version__}"]
            texts["install/requirements.txt"] = "".join(f"{line}\n" for line in lines)
            if recipe.ca_file is not None:
                files["install/ca.pem"] = recipe.ca_file
            if recipe.wheels is not None:
                files |= {f"install/wheels/{one.name}": one for one in sorted(recipe.wheels.glob("*.whl"))}
        return cls(texts, files)

    def write(self, directory: Path) -> None:
        """Put all into a directory, which must be new or empty; a failure leaves it as it was."""
        made = not directory.exists()
        if not made and (not directory.is_dir() or any(directory.iterdir())):
            raise AlreadyExists(f"{str(directory)!r} is no empty directory", hint="name another one")
        try:
            self._fill(directory)
        except OSError as error:
            shutil.rmtree(directory, ignore_errors=True)
            if not made:
                directory.mkdir()
            raise Unavailable(f"{str(directory)!r} cannot be written: {error.strerror or error}") from error

    def _fill(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in self.texts.items():
            path = _made(directory / name)
            path.write_text(text, encoding="utf-8")
            path.chmod(_READABLE)
        for name, file in self.files.items():
            path = _made(directory / name)
            shutil.copyfile(file, path)
            # In the container it is read by somebody else.
            path.chmod(_READABLE | (file.stat().st_mode & 0o111))


def _below(prefix: str, directory: Path) -> Iterator[tuple[str, Path]]:
    for place, names, files in os.walk(directory, followlinks=True):
        names.sort()
        inside = Path(prefix, Path(place).relative_to(directory))
        yield from ((str(inside / name), Path(place, name)) for name in sorted(files))


def _made(path: Path) -> Path:
    for parent in reversed(path.parents):
        if not parent.exists():
            parent.mkdir()
            parent.chmod(_ENTERABLE)
    return path
