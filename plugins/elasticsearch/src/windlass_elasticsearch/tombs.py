"""Tombs: what is left of runs and experiments whose purging was broken off."""

from __future__ import annotations

from windlass_elasticsearch import experiment_steps, run_roots
from windlass_elasticsearch.cluster import Cluster
from windlass_elasticsearch.documents import as_document, remove
from windlass_elasticsearch.indices import EXPERIMENTS, RUNS
from windlass_elasticsearch.numbers import both
from windlass_elasticsearch.pages import read_all
from windlass_elasticsearch.visibility import GONE

_BURIED = both(GONE, {"term": {"pending": True}})
_JOURNALS = {EXPERIMENTS.name: experiment_steps.JOURNAL, RUNS.name: run_roots.JOURNAL}


def finish_purges(cluster: Cluster) -> None:
    """Bring purges to an end that processes began which died; each store looks once, before it purges itself."""
    if cluster.is_tidy:
        return
    cluster.is_tidy = True
    cluster.refresh(*_JOURNALS)
    for index, journal in _JOURNALS.items():
        for hit in read_all(cluster, index, _BURIED):
            if "journal" in hit["_source"]:
                buried = as_document(index, hit)
                journal.take(cluster, buried)
                remove(cluster, buried)
