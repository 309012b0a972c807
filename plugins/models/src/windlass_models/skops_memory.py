"""Checking, in loaded estimators, the numbers that compiled code uses as addresses without looking.

Trees keep the positions of their nodes and features, neighbour trees those of their points. A file that was tampered
with could send the reader beyond the array; scikit-learn itself checks only the arrays' types and sizes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from windlass.errors import Corrupted


def check_memory(model: object) -> None:
    """Raise Corrupted if a tree inside of the model points out of its arrays."""
    for part in _parts(model):
        kind = f"{type(part).__module__}.{type(part).__name__}"
        if kind == "sklearn.tree._tree.Tree":
            _check_tree(part)
        elif kind == "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor":
            _check_predictor(part)
        elif kind.startswith(("sklearn.neighbors._kd_tree.", "sklearn.neighbors._ball_tree.")):
            _check_neighbours(part)
        _check_widths(part)


def _parts(model: object) -> Iterator[Any]:
    """The model and every object below it, each once."""
    seen: set[int] = set()
    waiting: list[Any] = [model]
    while waiting:
        part = waiting.pop()
        if id(part) in seen or isinstance(part, (str, bytes, int, float, bool, type(None), type)):
            continue
        seen.add(id(part))
        yield part
        waiting.extend(_children(part))


def _children(part: Any) -> list[Any]:
    if isinstance(part, Mapping):
        return [*part.keys(), *part.values()]
    if isinstance(part, (list, tuple, set, frozenset)):
        return list(part)
    if isinstance(part, np.ndarray):
        return part.ravel().tolist() if part.dtype == object else []
    slots = [name for kind in type(part).__mro__ for name in getattr(kind, "__slots__", ()) if isinstance(name, str)]
    own = [getattr(part, name, None) for name in slots]
    return [*getattr(part, "__dict__", {}).values(), *own, *getattr(part, "args", ()), getattr(part, "func", None)]


def _check_tree(tree: Any) -> None:
    count = int(tree.node_count)
    left, right = tree.children_left, tree.children_right
    inner = left != -1
    position = np.arange(count)
    # Children come after their parent, which also rules out a circle.
    for child in (left[inner], right[inner]):
        _demand(((child > position[inner]) & (child < count)).all())
    feature = tree.feature[inner]
    _demand(count > 0 and ((feature >= 0) & (feature < int(tree.n_features))).all())


def _check_predictor(predictor: Any) -> None:
    nodes = np.asarray(predictor.nodes)
    names = set(nodes.dtype.names or ())
    _demand(len(nodes) > 0 and {"left", "right", "feature_idx", "is_leaf", "is_categorical", "bitset_idx"} <= names)
    inner = nodes[nodes["is_leaf"] == 0]
    position = np.flatnonzero(nodes["is_leaf"] == 0)
    for side in ("left", "right"):
        child = inner[side].astype(np.int64)
        _demand(((child > position) & (child < len(nodes))).all())
    _demand((inner["feature_idx"] >= 0).all())
    categories = inner[inner["is_categorical"] != 0]["bitset_idx"].astype(np.int64)
    limit = min(len(predictor.raw_left_cat_bitsets), len(predictor.binned_left_cat_bitsets))
    _demand((categories < limit).all())


def _check_neighbours(tree: Any) -> None:
    data, indices, nodes, bounds = (np.asarray(part) for part in tree.get_arrays())
    points, count = len(data), len(nodes)
    _demand(len(indices) == points and ((indices >= 0) & (indices < points)).all())
    start, end = nodes["idx_start"], nodes["idx_end"]
    _demand(((start >= 0) & (start <= end) & (end <= points)).all())
    # The children of node i are 2i + 1 and 2i + 2.
    childless = 2 * np.arange(count) + 2 >= count
    _demand((nodes["is_leaf"][childless] != 0).all())
    _demand(bounds.ndim == 3 and bounds.shape[1:] == (count, data.shape[1]))  # noqa: PLR2004  kinds, nodes, features


def _check_widths(part: Any) -> None:
    """An estimator checks the width of its input once, and what is inside of it then relies on that."""
    kept = getattr(part, "__dict__", {})
    width = kept.get("n_features_in_")
    if width is None:
        return
    if "tree_" in kept:
        _demand(int(kept["tree_"].n_features) == width)
    for predictors in kept.get("_predictors", ()):
        for predictor in predictors:
            _demand((np.asarray(predictor.nodes)["feature_idx"] < width).all())
    if type(part).__module__ in {"sklearn.ensemble._forest", "sklearn.ensemble._gb"}:
        for inner in np.ravel(np.asarray(kept.get("estimators_", ()), dtype=object)):
            _demand(inner.n_features_in_ == width)
    if type(part).__module__ == "sklearn.ensemble._iforest" and "estimators_" in kept:
        for inner, features in zip(kept["estimators_"], part.estimators_features_, strict=True):
            _demand(inner.n_features_in_ == len(features))


def _demand(holds: Any) -> None:
    if not bool(holds):
        raise Corrupted("a tree of the model points out of its own arrays", hint="fetch or log the model again")
