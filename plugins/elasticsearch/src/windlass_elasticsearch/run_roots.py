"""Run roots: finding the document of a run together with that of its experiment, and the steps of its journal."""

from __future__ import annotations

import threading

from windlass.errors import NotFound
from windlass_elasticsearch.cluster import Cluster
from windlass_elasticsearch.documents import Document, Source, read, read_many
from windlass_elasticsearch.forgetting import forget_run
from windlass_elasticsearch.indices import EXPERIMENTS, RUNS
from windlass_elasticsearch.journal import Journal
from windlass_elasticsearch.measuring import measure
from windlass_elasticsearch.points import write_points
from windlass_elasticsearch.run_log import MEASURE_STEP, POINTS_STEP
from windlass_elasticsearch.visibility import is_there

FORGET_STEP = "forget"
JOURNAL = Journal({POINTS_STEP: write_points, MEASURE_STEP: measure, FORGET_STEP: forget_run})
_REMEMBERED = 10_000


class RunRoots:
    """The documents of runs; remembers in which experiments they are, to read both at once."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._experiments: dict[str, str] = {}
        self._lock = threading.Lock()

    def find(self, run_id: str) -> tuple[Document, Source]:
        """The documents of a run and its experiment as they are at this moment; NotFound if there is no such run."""
        run, experiment = self._read(run_id)
        if run is None or not is_there(run.source, experiment) or experiment is None:
            raise NotFound(f"there is no run {run_id!r}")
        return run, experiment.source

    def _read(self, run_id: str) -> tuple[Document | None, Document | None]:
        guess = self._experiments.get(run_id)
        if guess is not None:
            run, experiment = read_many(self._cluster, [(RUNS.name, run_id), (EXPERIMENTS.name, guess)])
            if run is not None and run.source.get("experiment_id") == guess:
                return run, experiment
        run = read(self._cluster, RUNS.name, run_id)
        if run is None or run.source.get("gone"):
            return None, None
        experiment_id = run.source["experiment_id"]
        self._remember(run_id, experiment_id)
        return run, read(self._cluster, EXPERIMENTS.name, experiment_id)

    def _remember(self, run_id: str, experiment_id: str) -> None:
        with self._lock:
            self._experiments[run_id] = experiment_id
            while len(self._experiments) > _REMEMBERED:
                del self._experiments[next(iter(self._experiments))]
