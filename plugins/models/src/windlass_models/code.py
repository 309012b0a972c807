"""The modules that a model brings along in its `code` directory."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from windlass.errors import NotFound
from windlass_models import trust

CODE_DIR = "code"


@contextmanager
def code_on_path(directory: Path, entry: Mapping[str, Any]) -> Iterator[None]:
    """While it lasts, the model's own modules can be imported; UnsafeModel if its code may not run.

    They stay importable, since a model may import more of them when it predicts: only the order changes back, so that a
    module of the program goes before one of the same name.
    """
    name = entry.get("code")
    if not name:
        yield
        return
    code = directory / str(name)
    if not code.is_dir():
        raise NotFound(f"the model's directory {name} is missing")
    trust.require(code, "loading it imports the modules that it brings along")
    importlib.invalidate_caches()
    sys.path.insert(0, str(code))
    try:
        yield
    finally:
        sys.path.remove(str(code))
        if str(code) not in sys.path:
            sys.path.append(str(code))


def import_loader(name: str, directory: Path) -> ModuleType:
    """The module that loads a model, out of its own code or the environment; UnsafeModel if that may not run."""
    trust.require(directory, f"its loader {name} is a module of its own choice")
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        hint = "install it, or save the model with code_paths"
        raise NotFound(f"the model's loader {name} cannot be imported: no module {error.name}", hint=hint) from error
