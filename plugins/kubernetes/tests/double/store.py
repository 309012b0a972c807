"""Store: the objects of an API server, which it checks, versions and deletes as a real one does."""

from __future__ import annotations

import copy
import re
import threading
import uuid
from datetime import UTC, datetime

from refusals import Refusal, invalid, missing
from schema import problems

_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_LABEL = re.compile(r"([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?")
_SECRET_BYTES = 1024 * 1024


def now():
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Store:
    """Objects by namespace, plural and name; `lock` is held while somebody looks at several."""

    def __init__(self):
        self.lock = threading.RLock()
        self.objects = {}
        self.namespaces = {"default"}
        self._version = 0

    def get(self, namespace, plural, name):
        with self.lock:
            found = self.objects.get((namespace, plural, name))
            if found is None:
                raise missing(plural, name)
            return copy.deepcopy(found)

    def list(self, plural, namespace=None, labels=None):
        with self.lock:
            return [
                copy.deepcopy(one)
                for (space, kind, _), one in sorted(self.objects.items())
                if kind == plural and namespace in {None, space} and matches(one, labels or {})
            ]

    def create(self, namespace, plural, content):
        content = copy.deepcopy(content)
        metadata = content.setdefault("metadata", {})
        name = metadata.get("name", "")
        with self.lock:
            if namespace not in self.namespaces:
                raise missing("namespaces", namespace)
            _check(plural, name, content)
            if (namespace, plural, name) in self.objects:
                raise Refusal(409, "AlreadyExists", f'{plural} "{name}" already exists')
            metadata |= {"namespace": namespace, "uid": str(uuid.uuid4()), "creationTimestamp": now(), "generation": 1}
            self._put(namespace, plural, content)
            return copy.deepcopy(content)

    def replace(self, namespace, plural, name, content):
        with self.lock:
            present = self.get(namespace, plural, name)
            version = content.get("metadata", {}).get("resourceVersion")
            if version not in {None, present["metadata"]["resourceVersion"]}:
                raise Refusal(409, "Conflict", f'Operation cannot be fulfilled on {plural} "{name}": it was modified')
            for field in ("uid", "creationTimestamp", "generation", "namespace"):
                if field in present["metadata"]:
                    content["metadata"][field] = present["metadata"][field]
            content["status"] = present.get("status", {})
            _check(plural, name, content)
            _check_unchangeable(plural, name, present, content)
            if content.get("spec") != present.get("spec"):
                content["metadata"]["generation"] += 1
            self._put(namespace, plural, content)
            return copy.deepcopy(content)

    def set_status(self, one, status):
        """What controllers and nodes write; nothing happens to an object that is gone."""
        key = (one["metadata"]["namespace"], *one["key"][1:]) if "key" in one else None
        with self.lock:
            found = self.objects.get(key)
            if found is None or found["metadata"]["uid"] != one["metadata"]["uid"] or found.get("status") == status:
                return
            found["status"] = copy.deepcopy(status)
            self._touch(found)

    def delete(self, namespace, plural, name, *, uid=None):
        """Pods are marked, and go when their processes have ended; all else goes at once."""
        with self.lock:
            found = self.objects.get((namespace, plural, name))
            if found is None:
                raise missing(plural, name)
            if uid not in {None, found["metadata"]["uid"]}:
                raise Refusal(409, "Conflict", "the UID in the precondition does not match the UID in record")
            if plural == "pods":
                found["metadata"].setdefault("deletionTimestamp", now())
                self._touch(found)
            else:
                del self.objects[namespace, plural, name]
            return copy.deepcopy(found)

    def remove(self, namespace, plural, name):
        with self.lock:
            self.objects.pop((namespace, plural, name), None)

    def collect(self):
        """Delete what belongs to an object that is gone."""
        with self.lock:
            alive = {one["metadata"]["uid"] for one in self.objects.values()}
            for (space, plural, name), one in list(self.objects.items()):
                owners = one["metadata"].get("ownerReferences") or []
                orphan = owners and not any(owner["uid"] in alive for owner in owners)
                if orphan and not one["metadata"].get("deletionTimestamp"):
                    self.delete(space, plural, name)

    def _put(self, namespace, plural, content):
        content["key"] = [namespace, plural, content["metadata"]["name"]]
        self.objects[namespace, plural, content["metadata"]["name"]] = content
        self._touch(content)

    def _touch(self, content):
        self._version += 1
        content["metadata"]["resourceVersion"] = str(self._version)


def matches(one, labels):
    present = one["metadata"].get("labels") or {}
    return all(present.get(key) == value for key, value in labels.items())


def _check(plural, name, content):
    found = problems(plural, {key: value for key, value in content.items() if key not in {"key", "status"}})
    if not _NAME.fullmatch(name) or (plural == "services" and not re.fullmatch(r"[a-z][a-z0-9-]{0,62}", name)):
        found.append(("metadata.name", f"Invalid value: {name!r}"))
    for key, value in (content.get("metadata", {}).get("labels") or {}).items():
        if not _LABEL.fullmatch(str(value)) or not key:
            found.append((f"metadata.labels.{key}", f"Invalid value: {value!r}"))
    if not found:
        found += _rules(plural, content)
    if found:
        raise invalid(plural, name, found)


def _rules(plural, content):
    spec = content.get("spec") or {}
    if plural == "deployments":
        labels = spec["template"]["metadata"].get("labels") or {}
        if any(labels.get(key) != value for key, value in spec["selector"]["matchLabels"].items()):
            yield "spec.template.metadata.labels", "`selector` does not match template `labels`"
        if spec.get("progressDeadlineSeconds", 600) <= spec.get("minReadySeconds", 0):
            yield "spec.progressDeadlineSeconds", "must be greater than minReadySeconds"
    if plural == "jobs" and spec["template"]["spec"].get("restartPolicy") not in {"Never", "OnFailure"}:
        yield "spec.template.spec.restartPolicy", "Required value: valid values: OnFailure, Never"
    if plural in {"deployments", "jobs"}:
        yield from _pod_rules(spec["template"]["spec"])
    if plural == "secrets":
        size = sum(len(value) * 3 // 4 for value in (content.get("data") or {}).values())
        if size > _SECRET_BYTES:
            yield "data", f"Too long: must have at most {_SECRET_BYTES} bytes"


def _pod_rules(spec):
    volumes = {one["name"] for one in spec.get("volumes") or []}
    for number, one in enumerate(spec["containers"]):
        place = f"spec.template.spec.containers[{number}]"
        if not one.get("image"):
            yield f"{place}.image", "Required value"
        for mount in one.get("volumeMounts") or []:
            if mount["name"] not in volumes:
                yield f"{place}.volumeMounts", f"Not found: {mount['name']!r}"
        for name, amount in ((one.get("resources") or {}).get("limits") or {}).items():
            wanted = ((one.get("resources") or {}).get("requests") or {}).get(name)
            if wanted is not None and _amount(wanted) > _amount(amount):
                yield (
                    f"{place}.resources.requests",
                    f"Invalid value: {wanted!r}: must be less than or equal to the limit",
                )


def _amount(text):
    units = {"m": 0.001, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
    number, unit = re.fullmatch(r"([0-9.]+)([A-Za-z]*)", text).groups()
    return float(number) * units.get(unit, 1)


def cpus(spec):
    """How many processors the containers of a pod reserve."""
    asked = [((one.get("resources") or {}).get("requests") or {}).get("cpu", "0") for one in spec["containers"]]
    return sum(map(_amount, asked))


def _check_unchangeable(plural, name, present, content):
    fixed = {"deployments": ("selector",), "jobs": ("template", "selector")}.get(plural, ())
    changed = [one for one in fixed if present["spec"].get(one) != content["spec"].get(one)]
    if changed:
        raise invalid(plural, name, [(f"spec.{one}", "field is immutable") for one in changed])
