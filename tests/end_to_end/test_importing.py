"""What a server shows can be imported; it takes nothing itself, because it chooses ids."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

from windlass.config import Settings
from windlass.services.workspace import Workspace
from windlass.testing.samples import metric


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """`windlass import` with the arguments."""
    command = [sys.executable, "-m", "windlass", "import", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def fill(url: str) -> None:
    """Do what people do at a server, deleting included."""
    with Workspace.open(replace(Settings.load(), tracking_uri=url)) as work:
        gone = work.experiments.create("gone").experiment_id
        ids = [work.runs.create(one).info.run_id for one in ("0", "0", gone, gone)]
        model = work.logged_models.create("0", name="model")
        points = [metric("m", float(step), step=step, model_id=model.model_id) for step in range(30)]
        work.runs.log(ids[0], metrics=points, params={"p": "ü"}, tags={"t": "1"})
        work.runs.delete(ids[1])
        work.runs.delete(ids[2])
        work.experiments.delete(gone)
        work.registered_models.create("fraud")
        for _ in range(3):
            work.model_versions.create("fraud", f"runs:/{ids[0]}/model")
        work.model_versions.delete("fraud", 2)
        work.registered_models.set_alias("fraud", "champion", 3)


def test_a_server_is_a_source_and_no_target(start_server, tmp_path):
    url = start_server(tmp_path).url
    fill(url)
    whole = run("--from", f"sqlite:///{tmp_path}/server.db", "--to", f"sqlite:///{tmp_path}/direct.db")
    shown = run("--from", url, "--to", f"sqlite:///{tmp_path}/shown.db")
    assert (whole.returncode, shown.returncode, shown.stderr) == (0, 0, "")
    # All that is behind it but the records, which are none of a client's business.
    kinds = [[line for line in one.stdout.splitlines() if not line.startswith("records")] for one in (whole, shown)]
    assert [line.split() for line in kinds[0]] == [line.split() for line in kinds[1]]
    refused = run("--from", f"sqlite:///{tmp_path}/direct.db", "--to", url)
    assert refused.returncode == 1
    assert "chooses ids and numbers itself" in refused.stderr
