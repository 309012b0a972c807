"""The data: breast cancer diagnoses, which ship with scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SEED = 7


@dataclass(frozen=True, slots=True)
class Split:
    """Rows to train on, to choose by, and to judge the chosen model by; tables of 30 floats and labels 0 and 1."""

    train: Any
    train_labels: Any
    validation: Any
    validation_labels: Any
    held_out: Any
    held_out_labels: Any


def load() -> Split:
    """569 diagnoses, 60 % to train on, 20 % to choose by, 20 % held out; always the same rows."""
    from sklearn.datasets import load_breast_cancer  # noqa: PLC0415  heavy, and the program's help needs none
    from sklearn.model_selection import train_test_split  # noqa: PLC0415

    table, labels = load_breast_cancer(return_X_y=True, as_frame=True)
    rest, held_out, rest_labels, held_out_labels = train_test_split(
        table, labels, test_size=0.2, random_state=SEED, stratify=labels
    )
    train, validation, train_labels, validation_labels = train_test_split(
        rest, rest_labels, test_size=0.25, random_state=SEED, stratify=rest_labels
    )
    return Split(train, train_labels, validation, validation_labels, held_out, held_out_labels)
