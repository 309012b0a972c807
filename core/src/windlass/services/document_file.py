"""Files that people write by hand: YAML or JSON, as the name says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from windlass.errors import InvalidValue, MissingDependency, NotFound

_YAML = {".yml", ".yaml"}


def is_yaml(path: Path) -> bool:
    """Whether a file of this name holds YAML."""
    return path.suffix in _YAML


def import_yaml() -> Any:
    """PyYAML; MissingDependency where it is not installed."""
    try:
        import yaml  # noqa: PLC0415  only YAML files need it
    except ImportError as error:
        raise MissingDependency("a YAML file needs PyYAML", hint="pip install pyyaml, or use .json") from error
    return yaml


def read_document(path: Path, *, field: str) -> Any:
    """What a file holds; NotFound without the file, InvalidValue if it cannot be read, which call it `field`."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotFound(f"{field}: there is no file {str(path)!r}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidValue(field, str(path), f"cannot be read: {error}") from None
    if not is_yaml(path):
        try:
            return json.loads(text)
        except ValueError as error:
            raise InvalidValue(field, str(path), f"is not JSON: {error}") from None
    yaml = import_yaml()
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidValue(field, str(path), f"is not YAML: {' '.join(str(error).split())}") from None
