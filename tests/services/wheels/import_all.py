"""Imports all modules of a distribution that is installed: import_all.py DIRECTORY, where its pyproject.toml is.

Modules that are only there where another program runs them may be missing: those that deptry is told to pass over.
"""

from __future__ import annotations

import sys
import tomllib
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

from windlass.errors import MissingDependency

SCRIPTS = {"windlass_sql.migrations.env"}
"""What Alembic runs, with something at hand that is nowhere else."""


def elsewhere(directory: Path) -> set[str]:
    """What the distribution imports and does not declare, with its own permission."""
    tool = tomllib.loads((directory / "pyproject.toml").read_text()).get("tool", {})
    rules = tool.get("deptry", {}).get("per_rule_ignores", {})
    return {name for names in rules.values() for name in names}


def import_all(package: str, missing: set[str]) -> int:
    """How many modules were imported; ModuleNotFoundError for what is missing and may not be."""
    names = [package, *(found.name for found in walk_packages(import_module(package).__path__, f"{package}."))]
    for name in (one for one in names if one not in SCRIPTS):
        try:
            import_module(name)
        except MissingDependency:
            # It works with another distribution, and says itself where that is missing.
            continue
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in missing:
                raise
    return len(names)


if __name__ == "__main__":
    root = Path(sys.argv[1])
    (package,) = (one.parent.name for one in root.glob("src/*/__init__.py"))
    print(f"{import_all(package, elsewhere(root))} modules of {package}")
