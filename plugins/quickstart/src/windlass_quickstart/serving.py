"""Deploying the chosen model, asking it, and comparing its answers with those in this process."""

from __future__ import annotations

from dataclasses import dataclass

from windlass.entities import Deployment
from windlass.errors import Corrupted, NotFound
from windlass.fluent.deployments import to_payload
from windlass.fluent.state import current_workspace
from windlass_quickstart.data import Split
from windlass_quickstart.tracking import ALIAS, DEPLOYMENT, MODEL, TARGET

MODEL_URI = f"models:/{MODEL}@{ALIAS}"


@dataclass(frozen=True, slots=True)
class Served:
    """How the deployed model did on the rows held out."""

    rows: int
    accuracy: float


def deploy() -> Deployment:
    """Deploy the champion, or replace the one that is deployed."""
    service = current_workspace().deployments
    try:
        service.get(TARGET, DEPLOYMENT)
    except NotFound:
        return service.create(TARGET, DEPLOYMENT, MODEL_URI)
    return service.update(TARGET, DEPLOYMENT, MODEL_URI)


def ask(split: Split) -> Served:
    """Send the held-out rows; Corrupted if an answer differs from the one in this process."""
    from windlass.sklearn import load_model  # noqa: PLC0415  scikit-learn is heavy

    answer = current_workspace().deployments.predict(TARGET, DEPLOYMENT, to_payload(split.held_out))
    served = [int(one) for one in answer["predictions"]]
    here = [int(one) for one in load_model(MODEL_URI).predict(split.held_out)]
    if served != here:
        different = sum(1 for one, other in zip(served, here, strict=False) if one != other)
        raise Corrupted(
            f"{different} of {len(here)} served predictions differ from those in this process",
            hint=f"windlass deployments get -t {TARGET} --name {DEPLOYMENT} shows the server's log",
        )
    right = sum(1 for one, truth in zip(served, split.held_out_labels, strict=True) if one == truth)
    return Served(len(served), right / len(served))
