"""Each distribution declares what its code imports, also deep within functions, so that it works without the others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DISTRIBUTIONS = sorted(
    one.parent.relative_to(ROOT)
    for pattern in ("core", "plugins/*", "contrib/*")
    for one in ROOT.glob(f"{pattern}/pyproject.toml")
)
UNUSED = "DEP002"
"""What is declared and not imported: drivers that a library finds by itself, and extras for tests."""


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=str)
def test_what_is_imported_is_declared(distribution) -> None:
    # The distributions of this workspace bring modules of other names.
    others = [one.name for one in DISTRIBUTIONS if one.name != "core"]
    modules = ",".join(["windlass-core=windlass", *(f"windlass-{n.replace('_', '-')}=windlass_{n}" for n in others)])
    command = [sys.executable, "-m", "deptry", "src", "--no-ansi", "--ignore", UNUSED]
    # Conformance suites are for those who have pytest.
    command += ["--package-module-name-map", modules, "--known-first-party", "pytest"]
    result = subprocess.run(command, cwd=ROOT / distribution, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
