"""What happens to the paths of a project that runs elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from windlass.entities import Project, ProjectEnvironment, ProjectSource
from windlass.services.supervision.moved_project import MovedProject
from windlass.services.supervision.reachable_store import is_this_machine


def test_files_of_the_project_and_fetched_ones_are_named_where_they_will_be(tmp_path):
    inside = tmp_path / "fetched" / "source" / "code" / "data.csv"
    fetched, elsewhere = tmp_path / "fetched" / "parameter-big" / "x.csv", Path("/mnt/shared.csv")
    directory = tmp_path / "fetched" / "source" / "code"
    directory.mkdir(parents=True)
    made = Project(
        source=ProjectSource(uri="x"), directory=directory, entry_point="main",
        environment=ProjectEnvironment(manager="local"),
        command=("python", "main.py", str(inside), f"--big={fetched}", str(elsewhere)), variables={"V": f"{inside}"},
        paths=(inside, fetched, elsewhere), fetched=tmp_path / "fetched",
    )  # fmt: skip
    moved = MovedProject(made, "<M>")
    assert moved.arguments() == (
        "python", "main.py", "<M>/code/data.csv", "--big=<M>/.windlass-files/parameter-big/x.csv", "/mnt/shared.csv",
    )  # fmt: skip
    assert moved.variables() == {"V": "<M>/code/data.csv"}
    assert moved.files() == {".windlass-files/parameter-big": str(tmp_path / "fetched" / "parameter-big")}


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:8265", True),
        ("http://localhost", True),
        ("http://[::1]:1", True),
        ("http://10.0.0.7", False),
        ("http://head", False),
    ],
)
def test_this_machine_is_known_by_its_loopback_addresses(url, here):
    assert is_this_machine(url) is here
