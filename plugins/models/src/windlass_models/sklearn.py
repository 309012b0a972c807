"""scikit-learn: `windlass.sklearn`."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, Unpack

from windlass.errors import InvalidValue, Unsupported
from windlass.interfaces import ModelFlavor
from windlass_models.environment import pinned
from windlass_models.loading import load_with
from windlass_models.logged import LogOptions, chosen_name, log
from windlass_models.mlmodel import Model
from windlass_models.model_info import ModelInfo
from windlass_models.saving import PYTHON_FUNCTION, SaveOptions, save
from windlass_models.sklearn_files import FORMATS, SKOPS, read_model, write_model
from windlass_models.warning import ModelWarning

__all__ = ["FORMATS", "SklearnFlavor", "autolog", "load_model", "log_model", "save_model"]

FLAVOR_NAME = "sklearn"


class SklearnFlavor(ModelFlavor):
    """Estimators and pipelines of scikit-learn, and those that follow its conventions."""

    name = FLAVOR_NAME

    def handles(self, model: object) -> bool:
        """Whether the model is an instance of a scikit-learn estimator's class or of one derived from it."""
        return any(
            kind.__name__ == "BaseEstimator" and kind.__module__.startswith("sklearn.") for kind in type(model).__mro__
        )

    def save(self, model: Any, directory: Path, options: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
        """Write the estimator; without a `serialization_format` as skops if that holds it, else as cloudpickle."""
        predict_fn = options.get("pyfunc_predict_fn") or "predict"
        written = write_model(
            model, directory, format_=options.get("serialization_format"), trusted=options.get("skops_trusted_types")
        )
        entry: dict[str, Any] = {
            "pickled_model": written.file,
            "serialization_format": written.format,
            "sklearn_version": _version(),
            "code": None,
        }
        if written.format == SKOPS:
            entry["skops_trusted_types"] = written.trusted
        function = {"loader_module": "mlflow.sklearn", "model_path": written.file, "predict_fn": predict_fn}
        return {FLAVOR_NAME: entry, PYTHON_FUNCTION: function}

    def load(self, directory: Path, entry: Mapping[str, Any]) -> Any:
        """The estimator; a ModelWarning tells of another version of scikit-learn."""
        if (saved := entry.get("sklearn_version")) and str(saved) != (present := _version()):
            message = f"the model was saved with scikit-learn {saved}, and this is {present}"
            warnings.warn(message, ModelWarning, stacklevel=2)
        name = entry.get("pickled_model") or entry.get("model_path") or entry.get("data") or "model.pkl"
        return read_model(directory / str(name), str(entry.get("serialization_format", "pickle")))

    def load_python_function(self, directory: Path, entry: Mapping[str, Any]) -> EstimatorFunction:
        """The estimator as a python function that calls its `predict`, or the method that was chosen on saving."""
        return EstimatorFunction(self.load(directory, entry), str(entry.get("predict_fn") or "predict"))

    def requirements(self) -> list[str]:
        """scikit-learn and what its files need."""
        return pinned("scikit-learn", "skops", "numpy", "scipy", "pandas", "cloudpickle")


class EstimatorFunction:
    """An estimator as a python function."""

    def __init__(self, model: Any, method: str = "predict") -> None:
        if not callable(getattr(model, method, None)):
            raise InvalidValue("pyfunc_predict_fn", method, f"is no method of {type(model).__name__}")
        self.model = model
        self.method = method

    def predict(self, data: Any, params: Mapping[str, Any] | None = None) -> Any:
        """What the chosen method says about the data; `params` mean nothing to an estimator."""
        del params
        return getattr(self.model, self.method)(data)


def save_model(
    sk_model: Any,
    path: str | Path,
    *,
    serialization_format: str | None = None,
    skops_trusted_types: Sequence[str] | None = None,
    pyfunc_predict_fn: str = "predict",
    **options: Unpack[SaveOptions],
) -> Model:
    """Write an estimator into a directory.

    Without a `serialization_format` it is skops, which executes nothing when it is loaded, if all parts come from
    scikit-learn, NumPy and SciPy or are named in `skops_trusted_types`; else cloudpickle.
    """
    flavor = SklearnFlavor()
    settings = {
        "serialization_format": serialization_format,
        "skops_trusted_types": skops_trusted_types,
        "pyfunc_predict_fn": pyfunc_predict_fn,
    }
    if pyfunc_predict_fn == "predict" and not hasattr(sk_model, "predict") and hasattr(sk_model, "transform"):
        settings["pyfunc_predict_fn"] = "transform"
    return save(flavor, sk_model, path, settings=settings, options=options)


def log_model(
    sk_model: Any,
    artifact_path: str | None = None,
    *,
    name: str | None = None,
    serialization_format: str | None = None,
    skops_trusted_types: Sequence[str] | None = None,
    pyfunc_predict_fn: str = "predict",
    **options: Unpack[LogOptions],
) -> ModelInfo:
    """Store an estimator as a logged model of the active run; the arguments are as in `save_model`."""

    def write(path: Path, kept: SaveOptions) -> None:
        save_model(
            sk_model,
            path,
            serialization_format=serialization_format,
            skops_trusted_types=skops_trusted_types,
            pyfunc_predict_fn=pyfunc_predict_fn,
            **kept,
        )

    return log(chosen_name(artifact_path, name), options, write)


def load_model(model_uri: str | Path, dst_path: str | Path | None = None) -> Any:
    """The estimator at any model URI or path."""
    flavor = SklearnFlavor()
    return load_with(
        model_uri,
        lambda opened, entry: flavor.load(opened.directory, entry),
        flavor=FLAVOR_NAME,
        destination=dst_path,
    )


def _version() -> str:
    import sklearn  # noqa: PLC0415  heavy, and only needed when there is a model

    return str(sklearn.__version__)


def autolog(**_options: Any) -> NoReturn:
    """Logging estimators by themselves is not in this release."""
    raise Unsupported(
        "windlass.sklearn.autolog is not in this release",
        hint="log with log_params(model.get_params()), log_metrics() and windlass.sklearn.log_model()",
    )
