"""What fields objects may have: what the published description of the API says, which the client's models carry."""

from __future__ import annotations

import re

from kserve_schema import INFERENCE_SERVICE
from kubernetes.client import models

MODELS = {
    "deployments": "V1Deployment",
    "horizontalpodautoscalers": "V1HorizontalPodAutoscaler",
    "jobs": "V1Job",
    "pods": "V1Pod",
    "secrets": "V1Secret",
    "services": "V1Service",
}
_PLAIN = {"str": str, "int": int, "bool": bool, "float": (int, float), "bytearray": str, "datetime": str}
_LIST = re.compile(r"[Ll]ist\[(.+)\]")
_DICT = re.compile(r"[Dd]ict[\[(]str, (.+)[\])]")


def problems(plural, content):
    """The fields of an object that are unknown, missing or of the wrong type, with what is wrong."""
    if plural == "inferenceservices":
        return list(_described(INFERENCE_SERVICE, content, ""))
    return list(_of_model(MODELS[plural], content, ""))


def _of_model(name, content, path):
    model = getattr(models, name)
    if not isinstance(content, dict):
        yield path, f"must be an object, not {type(content).__name__}"
        return
    fields = {outside: inside for inside, outside in model.attribute_map.items()}
    for key, value in content.items():
        if key not in fields:
            yield _at(path, key), "unknown field"
        elif value is not None:
            yield from _of_type(model.openapi_types[fields[key]], value, _at(path, key))
    for inside, outside in model.attribute_map.items():
        field = model.model_fields.get(inside)
        if field is not None and field.is_required() and content.get(outside) is None:
            yield _at(path, outside), "Required value"


def _of_type(kind, value, path):
    if found := _LIST.fullmatch(kind):
        if not isinstance(value, list):
            yield path, "must be a list"
            return
        for number, one in enumerate(value):
            yield from _of_type(found[1], one, f"{path}[{number}]")
    elif found := _DICT.fullmatch(kind):
        if not isinstance(value, dict):
            yield path, "must be an object"
            return
        for key, one in value.items():
            yield from _of_type(found[1], one, f"{path}.{key}")
    elif kind in _PLAIN:
        if not isinstance(value, _PLAIN[kind]) or (kind == "int" and isinstance(value, bool)):
            yield path, f"must be {kind}, not {type(value).__name__}"
    elif hasattr(getattr(models, kind, None), "attribute_map"):
        yield from _of_model(kind, value, path)


def _described(description, content, path):  # noqa: C901  one case for each kind of description
    """By a description of our own: a type, a list with one, or an object of fields; a key that ends in ! is needed."""
    if isinstance(description, str):
        yield from _of_type(description, content, path)
    elif isinstance(description, list):
        if not isinstance(content, list):
            yield path, "must be a list"
            return
        for number, one in enumerate(content):
            yield from _described(description[0], one, f"{path}[{number}]")
    elif not isinstance(content, dict):
        yield path, "must be an object"
    else:
        known = {key.rstrip("!"): one for key, one in description.items()}
        for key, value in content.items():
            if key not in known:
                yield _at(path, key), "unknown field"
            elif value is not None:
                yield from _described(known[key], value, _at(path, key))
        for key in description:
            if key.endswith("!") and content.get(key[:-1]) is None:
                yield _at(path, key[:-1]), "Required value"


def _at(path, key):
    return f"{path}.{key}" if path else key
