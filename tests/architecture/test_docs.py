from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def test_the_generated_pages_are_up_to_date():
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "generate.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://")):
            assert (page.parent / unquote(target)).exists(), target


@pytest.mark.slow
def test_the_tutorial_runs_as_it_is_written(tmp_path):
    """Every Python block in one process, as a reader types them, and every shell command after it."""
    text = (ROOT / "docs" / "tutorial" / "first-model.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```(python|bash)\n(.*?)```", text, re.DOTALL)
    code = "\n".join(block for language, block in blocks if language == "python")
    shell = [
        line.split("#")[0].strip() for language, block in blocks if language == "bash" for line in block.splitlines()
    ]
    commands = [["-c", code], *(["-m", *command.split()] for command in shell)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("WINDLASS_", "MLFLOW_"))}
    for arguments in commands:
        done = subprocess.run(
            [sys.executable, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
            timeout=100,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    assert (tmp_path / ".windlass" / "windlass.db").is_file()


def test_the_readme_names_the_two_commands():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "\npip install uv && uv run windlass quickstart\n" in text
    assert "\npip install uv && uv run pytest\n" in text


def test_the_queries_in_the_readme_are_queries():
    from windlass.search import RUNS, parse_filter

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    filters = re.findall(r'filter_string="([^"]+)"', text)
    assert filters
    for one in filters:
        assert parse_filter(one, RUNS) is not None
