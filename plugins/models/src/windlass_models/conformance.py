"""The conformance suites of the flavors here, for `windlass plugins check` and our own tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from windlass.testing.model_flavor import FlavorCase, ModelFlavorSuite
from windlass_models.pyfunc import PyFuncFlavor, PythonModel, PythonModelContext
from windlass_models.sklearn import SklearnFlavor

_SAMPLE = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0], [3.0, 1.0]])
_TARGET = np.array([0, 1, 0, 1])


class TestSklearnFlavor(ModelFlavorSuite):
    """A pipeline with a forest, in each format that can hold it."""

    @pytest.fixture(params=["skops", "cloudpickle", "pickle", "joblib", None])
    def case(self, request: pytest.FixtureRequest) -> FlavorCase:
        """The flavor with a fitted pipeline."""
        pytest.importorskip("sklearn")
        from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415  optional
        from sklearn.pipeline import make_pipeline  # noqa: PLC0415  optional
        from sklearn.preprocessing import StandardScaler  # noqa: PLC0415  optional

        model = make_pipeline(StandardScaler(), RandomForestClassifier(5, random_state=0)).fit(_SAMPLE, _TARGET)
        return FlavorCase(
            flavor=SklearnFlavor(),
            model=model,
            sample=_SAMPLE,
            predictions=model.predict(_SAMPLE),
            options={"serialization_format": request.param},
        )


class AddArtifact(PythonModel):
    """Adds the number in its artifact to what it is given."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read the number."""
        self.number = float(Path(context.artifacts["number"]).read_text(encoding="utf-8"))

    def predict(self, context: PythonModelContext, model_input: Any, params: dict[str, Any] | None = None) -> Any:
        """Add the number."""
        del params
        return model_input + self.number * context.model_config["factor"]


class TestPyFuncFlavor(ModelFlavorSuite):
    """A PythonModel with an artifact and a configuration."""

    @pytest.fixture
    def case(self, tmp_path_factory: pytest.TempPathFactory) -> FlavorCase:
        """The flavor with the model."""
        number = tmp_path_factory.mktemp("artifact") / "number.txt"
        number.write_text("2.5", encoding="utf-8")
        return FlavorCase(
            flavor=PyFuncFlavor(),
            model=AddArtifact(),
            sample=_SAMPLE,
            predictions=_SAMPLE + 5.0,
            options={"artifacts": {"number": str(number)}, "model_config": {"factor": 2}},
        )
