"""Several processes and threads at once."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from windlass.entities import Experiment
from windlass.errors import AlreadyExists
from windlass.interfaces import ExperimentUpdate, RunBatch
from windlass.testing.samples import metric, new_experiment, new_name, new_run

PROGRAM = Path(__file__).with_name("killed.py")


def run_together(uri, codes: list[str]) -> list[str]:
    """What programs print that run at once."""
    command = [sys.executable, str(PROGRAM), uri.text, ""]
    started = [subprocess.Popen([*command, code], stdout=subprocess.PIPE, text=True) for code in codes]
    printed = [one.communicate(timeout=100)[0] for one in started]
    assert [one.returncode for one in started] == [0] * len(codes)
    return printed


def test_of_processes_that_write_one_param_exactly_one_wins_each(prefix_uri, store):
    run_id = new_run(store, "0").info.run_id
    code = """
from windlass.interfaces import RunBatch
from windlass.errors import Conflict
from windlass.entities import Metric
for number in range(25):
    try:
        point = Metric("m", {own}.0, 1, number)
        store.runs.log("{run_id}", RunBatch(params={{f"p{{number}}": "{own}"}}, metrics=[point]))
        print(number)
    except Conflict:
        pass
"""
    printed = run_together(prefix_uri, [code.format(run_id=run_id, own=own) for own in (0, 1)])
    won = [[int(number) for number in one.split()] for one in printed]
    assert sorted(won[0] + won[1]) == list(range(25))
    params = store.runs.get(run_id).data.params
    assert {key: int(key[1:]) in won[int(value)] for key, value in params.items()} == {f"p{n}": True for n in range(25)}
    assert [one.step for one in store.runs.metric_history(run_id, "m")] == list(range(25))
    assert [int(one.value) for one in store.runs.metric_history(run_id, "m")] == [
        int(params[f"p{n}"]) for n in range(25)
    ]


def test_of_threads_that_take_one_name_exactly_one_gets_it(store, other):
    experiments = [new_experiment(one) for one in (store, other) for _ in range(3)]
    name = new_name("wanted")

    def take(number: int) -> bool:
        here = store if number % 2 else other
        try:
            if number < len(experiments):
                here.experiments.update(experiments[number].experiment_id, ExperimentUpdate(name=name))
            else:
                here.experiments.create(Experiment(str(int(new_name()[-10:], 16)), name, "s3://b"))
        except AlreadyExists:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(8))) == 1
    assert store.experiments.get_by_name(name).name == name


def test_what_one_process_has_logged_another_sees_at_once(store, other):
    run_id = new_run(store, "0").info.run_id
    for step in range(5):
        store.runs.log(run_id, RunBatch(metrics=[metric("m", 1.0, step=step)]))
        assert len(other.runs.metric_history(run_id, "m")) == step + 1


@pytest.mark.timeout(120)
def test_two_that_open_an_empty_prefix_share_one_schema(own_uri):
    code = "print(store._cluster.page_key.hex(), store.experiments.get('0').name)"
    one, another = run_together(own_uri, [code, code])
    assert one == another
    assert one.endswith("Default\n")


def test_a_forked_process_has_connections_of_its_own(store):
    run_id = new_run(store, "0").info.run_id
    store.runs.log(run_id, RunBatch(metrics=[metric("m", 1.0, step=0)]))
    children = []
    for number in range(1, 4):
        if (child := os.fork()) == 0:
            try:
                for step in range(5):
                    store.runs.log(run_id, RunBatch(metrics=[metric("m", 1.0, step=number * 10 + step)]))
                    store.runs.metric_history(run_id, "m")
            except BaseException:  # noqa: BLE001  nothing of the test may go on in the child
                os._exit(1)
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
    assert len(store.runs.metric_history(run_id, "m")) == 16
