"""Saving a model of any flavor into a directory."""

from __future__ import annotations

import platform
import shutil
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypedDict

from windlass.errors import AlreadyExists, InvalidValue, WindlassError
from windlass.interfaces import ModelFlavor
from windlass_models import trust
from windlass_models.checksums import write_sums
from windlass_models.code import CODE_DIR, code_on_path
from windlass_models.environment import ENTRY, choose_requirements, write_environment
from windlass_models.inference import infer_signature
from windlass_models.input_example import save_input_example, split_example
from windlass_models.mlmodel import MLMODEL_FILE, Model
from windlass_models.signature import ModelSignature
from windlass_models.warning import ModelWarning

PYTHON_FUNCTION = "python_function"


class SaveOptions(TypedDict, total=False):
    """What every flavor's `save_model` takes beside the model.

    Without a signature one is inferred by predicting the input example; `signature=False` leaves it out.
    """

    signature: ModelSignature | bool | None
    input_example: Any
    conda_env: Mapping[str, Any] | str | None
    pip_requirements: Sequence[str] | str | None
    extra_pip_requirements: Sequence[str] | str | None
    code_paths: Sequence[str] | None
    metadata: Mapping[str, Any] | None
    mlflow_model: Model | None


def check_options(options: Mapping[str, Any], known: type) -> None:
    """Refuse what is no option, as a function without `**options` would."""
    names = known.__annotations__
    if unknown := sorted(set(options) - set(names)):
        raise InvalidValue("option", unknown[0], "is not known", limit=", ".join(sorted(names)))


def save(
    flavor: ModelFlavor, model: Any, path: str | Path, *, settings: Mapping[str, Any], options: SaveOptions
) -> Model:
    """Write a whole model directory, or nothing; `settings` are the flavor's. AlreadyExists if something is there."""
    check_options(options, SaveOptions)
    target = Path(path)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise AlreadyExists(f"{str(path)!r} exists and is not empty", hint="choose another path, or remove it first")
    target.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        saved = _build(flavor, model, building, settings=settings, options=options)
        with suppress(FileNotFoundError):
            target.rmdir()
        building.chmod(0o755)
        building.rename(target)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    return saved


def _build(
    flavor: ModelFlavor, model: Any, directory: Path, *, settings: Mapping[str, Any], options: SaveOptions
) -> Model:
    entries = {name: dict(entry) for name, entry in flavor.save(model, directory, settings).items()}
    python_function = entries.setdefault(PYTHON_FUNCTION, {})
    python_function |= {"python_version": platform.python_version(), "env": dict(ENTRY)}
    if code_paths := options.get("code_paths"):
        _copy_code(code_paths, directory / CODE_DIR)
        for entry in entries.values():
            entry["code"] = CODE_DIR
    described = options.get("mlflow_model") or Model()
    described.flavors |= entries
    if metadata := options.get("metadata"):
        described.metadata = dict(metadata)
    _add_example(described, directory, flavor=flavor, options=options)
    requirements = choose_requirements(
        flavor.requirements(),
        pip_requirements=options.get("pip_requirements"),
        extra_pip_requirements=options.get("extra_pip_requirements"),
    )
    write_environment(directory, requirements, options.get("conda_env"))
    described.model_size_bytes = sum(file.stat().st_size for file in directory.rglob("*") if file.is_file())
    described.save(directory / MLMODEL_FILE)
    write_sums(directory)
    if flavor.name == "pyfunc":
        # A loader of the user's own may read anything in the directory.
        trust.remember(directory)
    return described


def _add_example(described: Model, directory: Path, *, flavor: ModelFlavor, options: SaveOptions) -> None:
    example, signature = options.get("input_example"), options.get("signature")
    if example is not None:
        described.saved_input_example_info = save_input_example(example, directory)
        if signature is None:
            signature = _inferred(flavor, directory, described, example)
    if signature is True or (signature and not isinstance(signature, ModelSignature)):
        raise InvalidValue("signature", signature, "must be a ModelSignature", hint="make one with infer_signature()")
    if isinstance(signature, ModelSignature):
        described.signature = signature


def _inferred(flavor: ModelFlavor, directory: Path, described: Model, example: Any) -> ModelSignature | None:
    """The signature that the example and the model's answer to it show; None, with a warning, if that fails."""
    data, params = split_example(example)
    try:
        with trust.origin(owned=True), code_on_path(directory, described.flavors[PYTHON_FUNCTION]):
            function = flavor.load_python_function(directory, flavor_entry(flavor, described))
            output = function.predict(data, params) if params else function.predict(data)
        return infer_signature(data, output, params)
    except Exception as error:  # noqa: BLE001  whatever a model does with the example, it is to be saved
        reason = error.message if isinstance(error, WindlassError) else repr(error)
        warnings.warn(f"no signature could be inferred from the input example: {reason}", ModelWarning, stacklevel=6)
        return None


def flavor_entry(flavor: ModelFlavor, described: Model) -> Mapping[str, Any]:
    """The flavor's own entry in the MLmodel file; the generic one for a flavor that has no other."""
    return described.flavors.get(flavor.name) or described.flavors[PYTHON_FUNCTION]


def _copy_code(code_paths: Sequence[str], directory: Path) -> None:
    if isinstance(code_paths, str):
        raise InvalidValue("code_paths", code_paths, "must be a list of paths")
    directory.mkdir()
    for text in code_paths:
        source = Path(text)
        if source.is_dir():
            shutil.copytree(source, directory / source.resolve().name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.is_file():
            shutil.copy2(source, directory / source.name)
        else:
            raise InvalidValue("code_paths", text, "must be a file or directory")
    trust.remember(directory)
