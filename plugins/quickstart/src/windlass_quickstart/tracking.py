"""Training a candidate as a run: params, metric curves, tags, files and the model."""

from __future__ import annotations

from typing import Any

import windlass
from windlass.entities import Metric, Param, Run
from windlass.services.identity import now_ms
from windlass_quickstart.candidates import Candidate
from windlass_quickstart.data import Split

EXPERIMENT = "quickstart: breast cancer"
MODEL = "breast-cancer"
ALIAS = "champion"
DEPLOYMENT = "breast-cancer"
TARGET = "local"
CHOOSE_BY = "validation_accuracy"


def track(candidate: Candidate, split: Split) -> Run:
    """Train one candidate and log everything about it."""
    from windlass.sklearn import log_model  # noqa: PLC0415  scikit-learn is heavy

    tags = {"candidate": candidate.name, "kind": candidate.kind, "data": "breast_cancer"}
    with windlass.start_run(run_name=candidate.name, tags=tags) as run:
        points, model = _train(candidate, split)
        params = [Param(name, str(value)) for name, value in {"kind": candidate.kind, **candidate.params}.items()]
        windlass.MlflowClient().log_batch(run.info.run_id, metrics=points, params=params)
        windlass.log_figure(_confusion(model, split), "confusion_matrix.png")
        windlass.log_text(_report(model, split), "classification_report.txt")
        log_model(model, name="model", signature=_signature(model, split), input_example=split.validation.head(3))
    return windlass.get_run(run.info.run_id)


def best_run() -> Run:
    """The run with the highest accuracy on the rows to choose by; among equals the one with the lowest loss."""
    found = windlass.search_runs(
        experiment_names=[EXPERIMENT],
        filter_string=f"status = 'FINISHED' and metrics.{CHOOSE_BY} > 0",
        order_by=[f"metrics.{CHOOSE_BY} DESC", "metrics.validation_log_loss ASC", "start_time DESC"],
        max_results=1,
        output_format="list",
    )
    run: Run = found[0]
    return run


def _train(candidate: Candidate, split: Split) -> tuple[list[Metric], Any]:
    """The metric curves, the accuracy to choose by last, and the trained model."""
    from sklearn.metrics import log_loss  # noqa: PLC0415

    points: list[Metric] = []
    model = None
    for step, model in candidate.train(split, candidate.params):
        accuracy = {
            "training_accuracy": model.score(split.train, split.train_labels),
            "validation_log_loss": log_loss(split.validation_labels, model.predict_proba(split.validation)),
            CHOOSE_BY: model.score(split.validation, split.validation_labels),
        }
        points.extend(Metric(key, float(value), now_ms(), step) for key, value in accuracy.items())
    return points, model


def _signature(model: Any, split: Split) -> Any:
    from windlass.models import infer_signature  # noqa: PLC0415

    return infer_signature(split.validation, model.predict(split.validation))


def _confusion(model: Any, split: Split) -> Any:
    """A picture of right and wrong answers; made without pyplot, which would look for a screen."""
    from matplotlib.figure import Figure  # noqa: PLC0415
    from sklearn.metrics import ConfusionMatrixDisplay  # noqa: PLC0415

    figure = Figure(figsize=(4, 3.5), layout="tight")
    ConfusionMatrixDisplay.from_predictions(
        split.validation_labels,
        model.predict(split.validation),
        display_labels=["malignant", "benign"],
        ax=figure.subplots(),
        colorbar=False,
    )
    return figure


def _report(model: Any, split: Split) -> str:
    from sklearn.metrics import classification_report  # noqa: PLC0415

    text: str = classification_report(
        split.validation_labels, model.predict(split.validation), target_names=["malignant", "benign"]
    )
    return text
