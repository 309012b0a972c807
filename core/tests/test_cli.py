from __future__ import annotations

import json
import subprocess
import sys

import pytest

from windlass.cli import main
from windlass.cli.options import duration
from windlass.cli.output import table
from windlass.entities import Metric
from windlass.errors import WindlassError


@pytest.fixture
def windlass(workspace, capsys):
    """Runs the program on a memory store; returns the exit code and what it printed on either side."""

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


def printed_json(result):
    code, out, _ = result
    assert code == 0
    return json.loads(out)


def test_help_lists_every_command_without_importing_one():
    code = (
        "import sys\nfrom windlass.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\nprint(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for name in ("artifacts", "db", "deployments", "doctor", "experiments", "gc", "plugins", "runs"):
        assert f"\n  {name} " in done.stdout
    assert "windlass.cli.runs" not in done.stdout.split()


def test_experiments_from_beginning_to_end(windlass):
    assert "created experiment" in windlass("experiments", "create", "-n", "wine", "-t", "team=x")[1]
    (made,) = [
        one for one in printed_json(windlass("experiments", "list", "--output", "json")) if one["name"] == "wine"
    ]
    shown = printed_json(windlass("experiments", "get", "-n", "wine", "--output", "json"))
    assert shown["tags"] == {"team": "x"}
    assert windlass("experiments", "rename", "-x", made["id"], "--new-name", "beer")[0] == 0
    assert windlass("experiments", "delete", "-x", made["id"])[0] == 0
    assert "beer" not in windlass("experiments", "list")[1]
    assert "beer" in windlass("experiments", "search", "-v", "deleted_only")[1]
    assert windlass("experiments", "restore", "-x", made["id"])[0] == 0


def test_runs_are_listed_filtered_and_described(windlass, workspace):
    for depth in ("1", "2"):
        run = workspace.runs.create("0", run_name=f"depth-{depth}")
        workspace.runs.log(run.info.run_id, params={"depth": depth})
    found = printed_json(windlass("runs", "list", "-x", "0", "--filter", "params.depth = '2'", "--output", "json"))
    assert [one["info"]["run_name"] for one in found] == ["depth-2"]
    code, out, _ = windlass("runs", "describe", "-r", found[0]["info"]["run_id"])
    assert code == 0
    assert "depth" in out
    assert windlass("runs", "delete", "-r", run.info.run_id)[0] == 0
    assert "depth-2" not in windlass("runs", "list")[1]
    assert windlass("runs", "restore", "-r", run.info.run_id)[0] == 0


def test_an_experiment_is_written_as_csv(windlass, workspace, tmp_path):
    run = workspace.runs.create("0", run_name="first")
    workspace.runs.log(run.info.run_id, params={"a,b".replace(",", " "): 'say "hi"'})
    code, out, _ = windlass("experiments", "csv", "-x", "0")
    heading, row = out.splitlines()
    assert (code, heading.split(",")[:3]) == (0, ["run_id", "experiment_id", "run_name"])
    assert row.startswith(f"{run.info.run_id},0,first")
    assert '"say ""hi"""' in row
    assert windlass("experiments", "csv", "-x", "0", "-o", str(tmp_path / "runs.csv"))[0] == 0
    assert (tmp_path / "runs.csv").read_text().splitlines() == [heading, row]


def test_a_run_is_created(windlass, workspace):
    assert windlass("runs", "create", "--run-name", "hand made", "-t", "a=b", "--description", "why")[0] == 0
    (run,) = workspace.runs.search(["0"])
    assert (run.info.run_name, run.info.status) == ("hand made", "FINISHED")
    assert run.data.tags["mlflow.note.content"] == "why"


def test_files_go_up_and_down(windlass, workspace, tmp_path):
    run = workspace.runs.create("0").info.run_id
    (tmp_path / "a.txt").write_text("hello")
    assert windlass("artifacts", "log-artifact", "-l", str(tmp_path / "a.txt"), "-r", run, "-a", "docs")[0] == 0
    listed = printed_json(windlass("artifacts", "list", "-r", run, "-a", "docs", "--output", "json"))
    assert listed == [{"path": "docs/a.txt", "bytes": 5}]
    code, out, _ = windlass("artifacts", "download", "-r", run, "-a", "docs", "-d", str(tmp_path / "out"))
    assert code == 0
    assert (tmp_path / "out" / "docs" / "a.txt").read_text() == "hello"
    assert out.strip() == str(tmp_path / "out" / "docs")


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (["experiments", "get", "-x", "999"], 3, "999"),
        (["experiments", "create", "-n", "Default"], 4, "Default"),
        (["experiments", "create", "-n", ""], 2, "must not be empty"),
        (["runs", "list", "--filter", "metrics.a >"], 2, "expected a number"),
        (["runs", "describe", "-r", "nope"], 3, "nope"),
        (["experiments", "get"], 2, "either --experiment-id or --experiment-name"),
        (["runs", "create", "-t", "novalue"], 2, "KEY=VALUE"),
        (["gc", "--older-than", "soon"], 2, "1d2h30m10s"),
        (["deployments", "list", "-t", "mars"], 1, "no deployment_target for name 'mars'"),
        (["--tracking-uri", "sqlit:///x.db", "runs", "list"], 1, "no tracking_store for scheme 'sqlit'"),
        (["no-such-command"], 2, "No such command"),
        (["plugins", "check", "nope"], 3, "no plugin is named 'nope'"),
    ],
)
def test_a_mistake_gets_a_message_and_an_exit_code_but_no_traceback(windlass, arguments, code, part):
    ended, _, err = windlass(*arguments)
    assert (ended, part in err, "Traceback" in err) == (code, True, False)


def test_a_hint_is_shown_on_a_line_of_its_own(windlass):
    _, _, err = windlass("--tracking-uri", "sqlit:///x.db", "runs", "list")
    assert "\nhint: " in err


def test_gc_shows_before_it_removes(windlass, workspace):
    run = workspace.runs.create("0").info.run_id
    workspace.runs.delete(run)
    settings = workspace.settings
    uri = settings.tracking_uri
    assert "would remove 0 experiments, 1 runs" in windlass("gc", "--dry-run", "--backend-store-uri", uri)[1]
    assert "removed 0 experiments, 1 runs" in windlass("gc", "--backend-store-uri", uri)[1]
    assert "nothing to remove" in windlass("gc", "--backend-store-uri", uri)[1]


def test_the_doctor_finds_nothing_wrong_here(windlass):
    code, out, _ = windlass("doctor")
    assert (code, "all is well" in out) == (0, True)
    facts = printed_json(windlass("doctor", "--output", "json"))
    assert facts["problems"] == []


def test_the_doctor_names_what_is_wrong_and_hides_secrets(windlass, monkeypatch):
    for name in ("PASSWORD", "ELASTICSEARCH_API_KEY", "OIDC_CLIENT_SECRET", "TORCHSERVE_INFERENCE_KEY"):
        monkeypatch.setenv(f"WINDLASS_{name}", "s3cret")
    code, out, _ = windlass("--tracking-uri", "nonsense://ann:s3cret@host/x", "doctor")
    assert code == 1
    assert "problem: tracking store: no tracking_store for scheme 'nonsense'" in out
    assert "s3cret" not in out


def test_plugins_are_listed_with_their_state(windlass):
    rows = printed_json(windlass("plugins", "list", "--output", "json"))
    (core,) = [row for row in rows if row["plugin"] == "core"]
    assert core["status"] == "ok"
    providers = printed_json(windlass("plugins", "list", "--kind", "tracking_store", "--output", "json"))
    assert ["memory"] in [row["names"] for row in providers]


def test_cores_own_plugin_keeps_its_promises(windlass):
    assert windlass("plugins", "check", "core", "--static") == (0, "ok core\n", "")


@pytest.mark.parametrize(
    ("text", "milliseconds"), [("1d", 86_400_000), ("1h30m", 5_400_000), ("10s", 10_000), ("", 0), (None, 0)]
)
def test_durations_are_read(text, milliseconds):
    assert duration(None, None, text) == milliseconds


def test_a_table_has_a_heading_and_aligned_columns():
    lines = table([{"name": "a", "value": 0.12345678}, {"name": "longer", "value": None}]).splitlines()
    assert lines[1].startswith("a       0.123457")
    assert lines[2].rstrip() == "longer  -"


def test_json_stays_json_whatever_the_numbers(windlass, workspace):
    from windlass.entities import Metric

    run = workspace.runs.create("0").info.run_id
    workspace.runs.log(run, metrics=[Metric("a", float("nan"), 1), Metric("b", float("-inf"), 1)])
    shown = printed_json(windlass("runs", "describe", "-r", run, "--output", "json"))
    assert sorted(one["value"] for one in shown["data"]["latest_metrics"]) == ["-Infinity", "NaN"]


def test_a_bug_is_not_hidden_as_a_users_mistake(monkeypatch):
    def explode(*_arguments, **_options):
        raise ZeroDivisionError

    monkeypatch.setattr("windlass.cli.program.program.main", explode)
    with pytest.raises(ZeroDivisionError):
        main([])
    assert not issubclass(ZeroDivisionError, WindlassError)


def test_a_run_is_watched_until_it_ends(windlass, workspace, monkeypatch):
    run = workspace.runs.create("0", run_name="busy")
    work = iter(
        [
            {"metrics": [Metric("loss", 0.5, 1, 1)], "params": {"lr": "1"}},
            {"tags": {"a": "b"}},
            {"metrics": [Metric("loss", 0.25, 2, 2), Metric("acc", float("nan"), 2, 2)]},
        ]
    )

    def log(_seconds):
        if (batch := next(work, None)) is not None:
            workspace.runs.log(run.info.run_id, **batch)
        else:
            workspace.runs.finish(run.info.run_id)

    monkeypatch.setattr("windlass.services.run_watch.time.sleep", log)
    code, out, _ = windlass("runs", "watch", run.info.run_id)
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == f"run {run.info.run_id} (busy) is RUNNING"
    assert set(lines[1:]) >= {
        "loss = 0.5  step 1",
        "param lr = 1",
        "tag a = b",
        "loss = 0.25  step 2",
        "acc = nan  step 2",
    }
    assert lines[-2:] == ["status FINISHED", f"run {run.info.run_id} has ended: FINISHED"]
    kinds = [
        json.loads(line)["event"]
        for line in windlass("runs", "watch", run.info.run_id, "--output", "json")[1].splitlines()
    ]
    assert kinds == ["run", "end"]
    assert windlass("runs", "watch", "f" * 32)[0] == 3


def test_runs_are_exported_to_files(windlass, workspace, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    import pyarrow as pa

    run = workspace.runs.create("0", run_name="first")
    workspace.runs.log(
        run.info.run_id, metrics=[Metric("m", float(step), step, step) for step in range(5)], params={"p": "1"}
    )
    target = tmp_path / "runs.parquet"
    assert (
        windlass("runs", "export", "-o", str(target), "--select", "metrics.m", "--filter", "metrics.m.min = 0")[0] == 0
    )
    found = parquet.read_table(target).to_pylist()
    assert [(row["run_id"], row["metrics.m"]) for row in found] == [(run.info.run_id, 4.0)]
    assert "params.p" not in found[0]
    points = tmp_path / "points.arrow"
    assert windlass("runs", "export", "-o", str(points), "--history", "-x", "0")[0] == 0
    assert pa.ipc.open_stream(points.read_bytes()).read_all().column("value").to_pylist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert windlass("runs", "export", "-o", str(tmp_path / "runs.xls"))[0] == 2
    assert windlass("runs", "export", "-o", str(target), "--filter", "nonsense")[0] == 2
    assert len(parquet.read_table(target)) == 1
    assert sorted(one.name for one in tmp_path.glob("*runs*")) == ["runs.parquet"]
