"""The Job of a project: what a template says, with the command in its first container."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from windlass.errors import InvalidValue, NotFound
from windlass_kubernetes.projects.options import JobOptions

RUN = "windlass.run_id"
_FIELD = "kube-job-template-path"


def read_template(options: JobOptions) -> dict[str, Any]:
    """The Job in the file that the options name, or an empty one; InvalidValue for a file that holds no Job."""
    if options.template is None:
        return {"metadata": {}, "spec": {"template": {"metadata": {}, "spec": {"containers": [{"name": "project"}]}}}}
    content = _loaded(options.template)
    if not isinstance(content, dict) or content.get("kind") != "Job":
        raise InvalidValue(_FIELD, str(options.template), "must hold a Job of batch/v1")
    try:
        containers = content["spec"]["template"]["spec"]["containers"]
        ok = isinstance(containers, list) and bool(containers) and all(isinstance(one, dict) for one in containers)
    except (KeyError, TypeError):
        ok = False
    if not ok:
        raise InvalidValue(_FIELD, str(options.template), "has no spec.template.spec.containers")
    return content


def image_of(options: JobOptions, template: Mapping[str, Any]) -> str:
    """The image of the project, of the options, or of the template; InvalidValue without any."""
    image = options.image or template["spec"]["template"]["spec"]["containers"][0].get("image")
    if not isinstance(image, str) or not image:
        hint = 'name one as docker_env in the MLproject file, or with -c \'{"image": "python:3.11-slim"}\''
        raise InvalidValue("image", image, "the project needs one to run on Kubernetes", hint=hint)
    return image


def filled(
    template: Mapping[str, Any],
    options: JobOptions,
    *,
    name: str,
    run_id: str,
    command: list[str],
    grace: float,
    sources: list[str],
    taken: set[str],
    volumes: list[dict[str, Any]],
    mounts: list[dict[str, Any]],
) -> dict[str, Any]:
    """The whole Job; `sources` are Secrets with variables, of which `taken` are not to be set otherwise."""
    job = deepcopy(dict(template))
    marks = {RUN: run_id, "app.kubernetes.io/managed-by": "windlass"}
    job["metadata"] = {"name": name, **_marked(job.get("metadata"), marks)}
    job["spec"] = {**job["spec"], "backoffLimit": 0}
    if options.timeout is not None:
        job["spec"]["activeDeadlineSeconds"] = options.timeout
    pods = job["spec"]["template"]
    pods["metadata"] = _marked(pods.get("metadata"), marks)
    spec = pods["spec"] = {**pods["spec"], **_chosen(options)}
    # A second attempt would record in the same run as the first.
    spec |= {"restartPolicy": "Never", "terminationGracePeriodSeconds": max(1, round(grace))}
    spec["volumes"] = [*(spec.get("volumes") or []), *volumes]
    first = spec["containers"][0]
    container = {
        **first,
        "name": first.get("name") or "project",
        "image": image_of(options, template),
        "command": command,
        "env": [one for one in first.get("env") or [] if one.get("name") not in taken],
        "envFrom": [*(first.get("envFrom") or []), *({"secretRef": {"name": one}} for one in sources)],
        "volumeMounts": [*(first.get("volumeMounts") or []), *mounts],
    }
    container.pop("args", None)
    if options.image_pull_policy:
        container["imagePullPolicy"] = options.image_pull_policy
    if resources := options.resources():
        former = first.get("resources") or {}
        container["resources"] = {part: {**(former.get(part) or {}), **amounts} for part, amounts in resources.items()}
    spec["containers"] = [container, *spec["containers"][1:]]
    return {"metadata": job["metadata"], "spec": job["spec"]}


def _chosen(options: JobOptions) -> dict[str, Any]:
    chosen = {
        "nodeSelector": dict(options.node_selector),
        "serviceAccountName": options.service_account,
        "imagePullSecrets": [{"name": one} for one in options.image_pull_secrets],
    }
    return {name: value for name, value in chosen.items() if value}


def _marked(metadata: Any, marks: Mapping[str, str]) -> dict[str, Any]:
    """Labels and annotations of a template, with ours; its name and namespace are not used."""
    given = metadata or {}
    found = {"labels": {**(given.get("labels") or {}), **marks}}
    return {**found, **({"annotations": given["annotations"]} if given.get("annotations") else {})}


def _loaded(file: Path) -> Any:
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise NotFound(f"there is no template of a Job at {file}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        line = " ".join(str(error).split())[:200]
        raise InvalidValue(_FIELD, str(file), f"cannot be read: {line}") from error
