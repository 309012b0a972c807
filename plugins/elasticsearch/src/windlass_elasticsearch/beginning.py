"""What is there from the beginning: the experiment that runs go into when none is named."""

from __future__ import annotations

import time
from contextlib import suppress

from windlass.config import Settings
from windlass.entities import DEFAULT_EXPERIMENT_ID, DEFAULT_EXPERIMENT_NAME, Experiment
from windlass.errors import AlreadyExists
from windlass.uri import join
from windlass_elasticsearch.cluster import Cluster


def fill(cluster: Cluster, settings: Settings) -> None:
    """Put into new indices what is there from the beginning; nothing happens if it is there."""
    from windlass_elasticsearch.experiments import ElasticsearchExperimentStore  # noqa: PLC0415  it needs a schema

    now = int(time.time() * 1000)
    location = join(settings.default_artifact_root, DEFAULT_EXPERIMENT_ID)
    default = Experiment(
        DEFAULT_EXPERIMENT_ID, DEFAULT_EXPERIMENT_NAME, location, creation_time=now, last_update_time=now
    )
    with suppress(AlreadyExists):
        ElasticsearchExperimentStore(cluster).create(default)
