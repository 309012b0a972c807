"""Windlass carries a machine-learning model from the first experiment to production.

Every public name is resolved when it is first used, so importing this package loads nothing heavy.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from windlass.public import LAZY, install_finders

if TYPE_CHECKING:
    from windlass.config import Settings as Settings
    from windlass.errors import WindlassError as WindlassError
    from windlass.fluent.artifacts import (
        get_artifact_uri as get_artifact_uri,
    )
    from windlass.fluent.artifacts import (
        load_table as load_table,
    )
    from windlass.fluent.artifacts import (
        log_artifact as log_artifact,
    )
    from windlass.fluent.artifacts import (
        log_artifacts as log_artifacts,
    )
    from windlass.fluent.artifacts import (
        log_dict as log_dict,
    )
    from windlass.fluent.artifacts import (
        log_figure as log_figure,
    )
    from windlass.fluent.artifacts import (
        log_image as log_image,
    )
    from windlass.fluent.artifacts import (
        log_stream as log_stream,
    )
    from windlass.fluent.artifacts import (
        log_table as log_table,
    )
    from windlass.fluent.artifacts import (
        log_text as log_text,
    )
    from windlass.fluent.client import MlflowClient as MlflowClient
    from windlass.fluent.experiments import (
        create_experiment as create_experiment,
    )
    from windlass.fluent.experiments import (
        delete_experiment as delete_experiment,
    )
    from windlass.fluent.experiments import (
        delete_experiment_tag as delete_experiment_tag,
    )
    from windlass.fluent.experiments import (
        get_experiment as get_experiment,
    )
    from windlass.fluent.experiments import (
        get_experiment_by_name as get_experiment_by_name,
    )
    from windlass.fluent.experiments import (
        list_experiments as list_experiments,
    )
    from windlass.fluent.experiments import (
        restore_experiment as restore_experiment,
    )
    from windlass.fluent.experiments import (
        search_experiments as search_experiments,
    )
    from windlass.fluent.experiments import (
        set_experiment as set_experiment,
    )
    from windlass.fluent.experiments import (
        set_experiment_tag as set_experiment_tag,
    )
    from windlass.fluent.experiments import (
        set_experiment_tags as set_experiment_tags,
    )
    from windlass.fluent.logging import (
        delete_tag as delete_tag,
    )
    from windlass.fluent.logging import (
        log_input as log_input,
    )
    from windlass.fluent.logging import (
        log_inputs as log_inputs,
    )
    from windlass.fluent.logging import (
        log_metric as log_metric,
    )
    from windlass.fluent.logging import (
        log_metrics as log_metrics,
    )
    from windlass.fluent.logging import (
        log_outputs as log_outputs,
    )
    from windlass.fluent.logging import (
        log_param as log_param,
    )
    from windlass.fluent.logging import (
        log_params as log_params,
    )
    from windlass.fluent.logging import (
        set_tag as set_tag,
    )
    from windlass.fluent.logging import (
        set_tags as set_tags,
    )
    from windlass.fluent.models import (
        create_external_model as create_external_model,
    )
    from windlass.fluent.models import (
        delete_logged_model_tag as delete_logged_model_tag,
    )
    from windlass.fluent.models import (
        finalize_logged_model as finalize_logged_model,
    )
    from windlass.fluent.models import (
        get_logged_model as get_logged_model,
    )
    from windlass.fluent.models import (
        initialize_logged_model as initialize_logged_model,
    )
    from windlass.fluent.models import (
        last_logged_model as last_logged_model,
    )
    from windlass.fluent.models import (
        log_model_params as log_model_params,
    )
    from windlass.fluent.models import (
        register_model as register_model,
    )
    from windlass.fluent.models import (
        search_logged_models as search_logged_models,
    )
    from windlass.fluent.models import (
        search_model_versions as search_model_versions,
    )
    from windlass.fluent.models import (
        search_registered_models as search_registered_models,
    )
    from windlass.fluent.models import (
        set_logged_model_tags as set_logged_model_tags,
    )
    from windlass.fluent.models import (
        set_model_version_tag as set_model_version_tag,
    )
    from windlass.fluent.projects import run as run
    from windlass.fluent.runs import (
        ActiveRun as ActiveRun,
    )
    from windlass.fluent.runs import (
        active_run as active_run,
    )
    from windlass.fluent.runs import (
        delete_run as delete_run,
    )
    from windlass.fluent.runs import (
        end_run as end_run,
    )
    from windlass.fluent.runs import (
        get_parent_run as get_parent_run,
    )
    from windlass.fluent.runs import (
        get_run as get_run,
    )
    from windlass.fluent.runs import (
        last_active_run as last_active_run,
    )
    from windlass.fluent.runs import (
        list_run_infos as list_run_infos,
    )
    from windlass.fluent.runs import (
        restore_run as restore_run,
    )
    from windlass.fluent.runs import (
        search_runs as search_runs,
    )
    from windlass.fluent.runs import (
        start_run as start_run,
    )
    from windlass.fluent.runs import (
        watch_run as watch_run,
    )
    from windlass.fluent.state import (
        get_registry_uri as get_registry_uri,
    )
    from windlass.fluent.state import (
        get_tracking_uri as get_tracking_uri,
    )
    from windlass.fluent.state import (
        is_tracking_uri_set as is_tracking_uri_set,
    )
    from windlass.fluent.state import (
        set_registry_uri as set_registry_uri,
    )
    from windlass.fluent.state import (
        set_tracking_uri as set_tracking_uri,
    )
    from windlass.fluent.upcoming import autolog as autolog
    from windlass.fluent.upcoming import evaluate as evaluate
    from windlass.plugins import Command as Command
    from windlass.plugins import Kind as Kind
    from windlass.plugins import Provider as Provider
    from windlass.plugins import hookimpl as hookimpl
    from windlass.uri import Uri as Uri

__version__ = "0.1.0"
__all__ = [*LAZY, "__version__"]  # noqa: PLE0604  the table of names is the list of names

install_finders()


def __getattr__(name: str) -> Any:
    if name in LAZY:
        value = getattr(importlib.import_module(LAZY[name]), name)
    elif name.startswith("_"):
        raise AttributeError(f"module 'windlass' has no attribute {name!r}")
    else:
        try:
            value = importlib.import_module(f"windlass.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"windlass.{name}":
                raise
            raise AttributeError(f"module 'windlass' has no attribute {name!r}") from None
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
