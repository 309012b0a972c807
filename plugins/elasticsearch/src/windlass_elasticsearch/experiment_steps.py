"""The steps of an experiment's journal: the only one removes what was in an experiment that was purged."""

from __future__ import annotations

from windlass_elasticsearch.forgetting import forget_experiment
from windlass_elasticsearch.journal import Journal

FORGET_STEP = "forget"
JOURNAL = Journal({FORGET_STEP: lambda cluster, _root, uid: forget_experiment(cluster, uid)})
