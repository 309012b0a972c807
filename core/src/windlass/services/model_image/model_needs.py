"""ModelNeeds: what a model says of the environment that it wants."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

# Core reads no YAML: the version stands alone on its line, whoever has written the file.
_PYTHON = (
    ("python_env.yaml", re.compile(r"^python:\s*['\"]?(\d+\.\d+)", re.MULTILINE)),
    ("MLmodel", re.compile(r"^\s+python_version:\s*['\"]?(\d+\.\d+)", re.MULTILINE)),
    ("conda.yaml", re.compile(r"^\s*-\s*['\"]?python\s*=+\s*(\d+\.\d+)", re.MULTILINE)),
)
_REQUIREMENTS = "requirements.txt"
_ELSEWHERE = re.compile(r"://|^[A-Za-z0-9][^/]*\s@\s")
_OPTION = re.compile(r"^-(r|c|e)\b|^--(requirement|constraint|editable|find-links)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelNeeds:
    """A version of Python as `X.Y`, and the lines of a requirements file."""

    python: str
    requirements: tuple[str, ...] = ()

    @classmethod
    def of(cls, model: Path | None) -> ModelNeeds:
        """What a model's directory says; this program's own Python where that says nothing, or there is no model."""
        here = f"{sys.version_info.major}.{sys.version_info.minor}"
        if model is None:
            return cls(python=here)
        lines = (line.strip() for line in _text(model / _REQUIREMENTS).splitlines())
        return cls(python=_python(model) or here, requirements=tuple(line for line in lines if line))

    @property
    def names_files(self) -> bool:
        """Whether a line names a file beside the model, such as a wheel that was saved with it."""
        return any(_is_file(line) for line in self.requirements)


def _python(model: Path) -> str | None:
    found = (pattern.search(_text(model / name)) for name, pattern in _PYTHON)
    return next((match[1] for match in found if match), None)


def _is_file(line: str) -> bool:
    return bool(_OPTION.match(line)) or ("/" in line.partition("#")[0] and not _ELSEWHERE.search(line))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
