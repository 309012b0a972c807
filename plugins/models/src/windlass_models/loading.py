"""Loading a model of any flavor from wherever it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from windlass.errors import NotFound, Unsupported
from windlass.interfaces import ModelFlavor
from windlass.plugins import Kind, get_plugin_manager
from windlass_models import trust
from windlass_models.code import code_on_path
from windlass_models.locating import locate
from windlass_models.mlmodel import Model
from windlass_models.saving import PYTHON_FUNCTION

_OURS = ("mlflow.", "windlass.")


@dataclass(frozen=True, slots=True)
class Opened:
    """A model's files, and what its MLmodel file says."""

    directory: Path
    model: Model


def load_with(
    uri: str | Path, load: Callable[[Opened, Mapping[str, Any]], Any], *, flavor: str, destination: Any = None
) -> Any:
    """What `load` makes of a model that has the flavor; NotFound names the flavors that it has instead."""
    located = locate(uri, destination)
    model = Model.load(located.directory)
    entry = model.flavors.get(flavor)
    if entry is None:
        known = ", ".join(sorted(model.flavors)) or "none"
        raise NotFound(f"the model has no flavor {flavor!r} (it has: {known})")
    opened = Opened(located.directory, model)
    with trust.origin(owned=located.owned), code_on_path(located.directory, entry):
        return load(opened, entry)


def function_flavor(model: Model) -> tuple[ModelFlavor, Mapping[str, Any]] | None:
    """The flavor that makes a model's python function, with its entry; None if a module of the model's own does.

    MLflow's name of a flavor's module and ours mean the same. Unsupported if the flavor is none of those installed.
    """
    entry = model.flavors[PYTHON_FUNCTION]
    loader = str(entry.get("loader_module", ""))
    if not loader.startswith(_OURS):
        return None
    name = loader.partition(".")[2].partition(".")[0]
    manager = get_plugin_manager()
    if name not in manager.names(Kind.MODEL_FLAVOR):
        known = ", ".join(manager.names(Kind.MODEL_FLAVOR))
        raise Unsupported(f"no installed plugin loads models of {loader} (known flavors: {known})")
    flavor: ModelFlavor = manager.load(Kind.MODEL_FLAVOR, name)()
    return flavor, {**entry, **model.flavors.get(flavor.name, {})}
