"""The candidates: several kinds of models with several hyper-parameters, each trained step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from windlass_quickstart.data import SEED, Split

Step = tuple[int, Any]
"""How far the training is (epochs, trees or levels), and the model at this point."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A way to train a model: `train` yields the model after every step, the last one is the result."""

    name: str
    kind: str
    train: Callable[[Split, dict[str, Any]], Iterator[Step]]
    params: dict[str, Any] = field(default_factory=dict)


def candidates() -> list[Candidate]:
    """What the quickstart compares."""
    return [
        Candidate("linear-weak-penalty", "linear", _linear, {"alpha": 0.0001, "epochs": 20}),
        Candidate("linear-strong-penalty", "linear", _linear, {"alpha": 0.01, "epochs": 20}),
        Candidate("tree", "tree", _tree, {"max_depth": 5, "min_samples_leaf": 4}),
        Candidate("forest-shallow", "forest", _forest, {"n_estimators": 60, "max_depth": 3}),
        Candidate("forest-deep", "forest", _forest, {"n_estimators": 60, "max_depth": 12}),
        Candidate("boosting", "boosting", _boosting, {"n_estimators": 60, "learning_rate": 0.1, "max_depth": 2}),
    ]


def _linear(split: Split, params: dict[str, Any]) -> Iterator[Step]:
    """Logistic regression by stochastic gradient descent, a step an epoch."""
    from sklearn.linear_model import SGDClassifier  # noqa: PLC0415
    from sklearn.pipeline import Pipeline  # noqa: PLC0415
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

    scaler = StandardScaler().fit(split.train)
    scaled = scaler.transform(split.train)
    classifier = SGDClassifier(loss="log_loss", alpha=params["alpha"], random_state=SEED)
    for epoch in range(1, params["epochs"] + 1):
        classifier.partial_fit(scaled, split.train_labels, classes=[0, 1])
        yield epoch, Pipeline([("scale", scaler), ("classify", classifier)])


def _tree(split: Split, params: dict[str, Any]) -> Iterator[Step]:
    """A decision tree, a step a level of depth."""
    from sklearn.tree import DecisionTreeClassifier  # noqa: PLC0415

    for depth in range(1, params["max_depth"] + 1):
        tree = DecisionTreeClassifier(max_depth=depth, min_samples_leaf=params["min_samples_leaf"], random_state=SEED)
        yield depth, tree.fit(split.train, split.train_labels)


def _forest(split: Split, params: dict[str, Any]) -> Iterator[Step]:
    """A random forest, a step ten trees."""
    from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415

    forest = RandomForestClassifier(n_estimators=0, max_depth=params["max_depth"], warm_start=True, random_state=SEED)
    for trees in range(10, params["n_estimators"] + 1, 10):
        yield trees, forest.set_params(n_estimators=trees).fit(split.train, split.train_labels)


def _boosting(split: Split, params: dict[str, Any]) -> Iterator[Step]:
    """Gradient boosting, a step ten trees."""
    from sklearn.ensemble import GradientBoostingClassifier  # noqa: PLC0415

    others = {name: value for name, value in params.items() if name != "n_estimators"}
    boosting = GradientBoostingClassifier(n_estimators=10, warm_start=True, random_state=SEED, **others)
    for trees in range(10, params["n_estimators"] + 1, 10):
        yield trees, boosting.set_params(n_estimators=trees).fit(split.train, split.train_labels)
