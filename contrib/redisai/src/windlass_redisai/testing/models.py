"""ONNX models in directories, as MLflow keeps them."""

from __future__ import annotations

import importlib
from pathlib import Path


def save_times(path: Path, factor: float) -> Path:
    """A model that multiplies numbers of any shape."""
    onnx = importlib.import_module("onnx")
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        [helper.make_node("Mul", ["x", "factor"], ["y"])],
        "times",
        [helper.make_tensor_value_info("x", kind, None)],
        [helper.make_tensor_value_info("y", kind, None)],
        [helper.make_tensor("factor", kind, [], [factor])],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    path.mkdir(parents=True)
    (path / "model.onnx").write_bytes(made.SerializeToString())
    (path / "MLmodel").write_text("flavors:\n  onnx:\n    data: model.onnx\n", encoding="utf-8")
    return path
