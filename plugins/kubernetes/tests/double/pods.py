"""Pods: a thread each, which does what a node does: it starts containers, probes them, and ends them."""

from __future__ import annotations

import itertools
import os
import signal
import threading
import time
import urllib.request

from containers import Container, MissingSecret
from store import cpus, now

IMAGES = ("windlass/test:1", "windlass/test:2")
_PROCESSORS = 64
_STEP = 0.05
_addresses = itertools.count(1)
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Node:
    """Runs the pods of a store."""

    def __init__(self, store, warm):
        self.store, self.warm, self.runs = store, warm, {}

    def look(self):
        """Begin with the pods that are new."""
        for pod in self.store.list("pods"):
            uid = pod["metadata"]["uid"]
            if uid not in self.runs:
                self.runs[uid] = PodRun(self.store, pod, self.warm)
                threading.Thread(target=self.runs[uid].live, daemon=True).start()

    def run_of(self, pod):
        return self.runs.get(pod["metadata"]["uid"])


class PodRun:
    """One pod with one container."""

    def __init__(self, store, pod, warm):
        self.store, self.pod = store, pod
        number = next(_addresses)
        self.ip = f"127.{16 + os.getpid() % 230}.{number // 250 % 250}.{1 + number % 250}"
        self.spec = pod["spec"]
        self.container_spec = self.spec["containers"][0]
        namespace, volumes = pod["metadata"]["namespace"], self.spec.get("volumes") or []
        self.container = Container(store, namespace, self.container_spec, volumes, self.ip, warm)
        self.restarts, self.last, self.ready, self.former_lines = 0, {}, False, []

    def live(self):
        try:
            if self._is_placed() and self._has_image():
                self._run()
            while not self._is_deleted():
                time.sleep(_STEP)
        finally:
            self._end()

    def lines(self, *, previous=False):
        return self.former_lines if previous else list(self.container.lines)

    def _is_placed(self):
        selector = self.spec.get("nodeSelector") or {}
        reason = ""
        if cpus(self.spec) > _PROCESSORS:
            reason = "Insufficient cpu."
        elif any(item != ("kubernetes.io/os", "linux") for item in selector.items()):
            reason = "node(s) didn't match Pod's node affinity/selector."
        if not reason:
            return True
        condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}
        condition |= {"message": f"0/1 nodes are available: {reason}"}
        self._tell("Pending", None, conditions=[condition])
        return False

    def _has_image(self):
        image = self.container_spec["image"]
        if image in IMAGES:
            return True
        if self.container_spec.get("imagePullPolicy") == "Never":
            self._wait("ErrImageNeverPull", f'Container image "{image}" is not present with pull policy of Never')
            return False
        self._wait("ErrImagePull", f"pull access denied for {image}")
        time.sleep(0.2)
        self._wait("ImagePullBackOff", f'Back-off pulling image "{image}"')
        return False

    def _run(self):
        while not self._is_deleted():
            try:
                self.container.start()
            except MissingSecret as error:
                self._wait("CreateContainerConfigError", str(error)) if self.restarts else self._wait(
                    "ContainerCreating", ""
                )
                time.sleep(_STEP)
                continue
            except OSError as error:
                self._ended(127, "StartError", str(error))
            else:
                self._watch()
            if self._is_deleted() or self.spec.get("restartPolicy", "Always") == "Never":
                return
            self.former_lines = self.container.lines
            self.container.lines = []
            self.restarts += 1
            if self.restarts > 1:
                self._wait("CrashLoopBackOff", "back-off restarting failed container")
                self._pause(1.0 * self.restarts)

    def _watch(self):
        started = now()
        while self.container.process.poll() is None and not self._is_deleted():
            self.ready = self._answers()
            self._tell("Running", {"running": {"startedAt": started}})
            time.sleep(_STEP)
        if self.container.process.poll() is not None:
            time.sleep(_STEP)  # its last words
            self._ended(self.container.process.returncode)

    def _answers(self):
        probe = self.container_spec.get("readinessProbe")
        if not probe:
            return True
        url = f"http://{self.ip}:{probe['httpGet']['port']}{probe['httpGet']['path']}"
        try:
            with _opener.open(url, timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def _ended(self, code, reason=None, message=""):
        code = code if code >= 0 else 128 - code
        self.ready = False
        self.last = {
            "terminated": {"exitCode": code, "reason": reason or ("Error" if code else "Completed"), "message": message}
        }
        phase = "Running"
        if self.spec.get("restartPolicy", "Always") == "Never":
            phase = "Failed" if code else "Succeeded"
        self._tell(phase, self.last)

    def _wait(self, reason, message):
        self.ready = False
        self._tell("Running" if self.restarts else "Pending", {"waiting": {"reason": reason, "message": message}})

    def _tell(self, phase, state, conditions=None):
        status = {"phase": phase, "podIP": self.ip, "conditions": conditions or [
            {"type": "PodScheduled", "status": "True"},
            {"type": "Ready", "status": "True" if self.ready else "False"},
        ]}  # fmt: skip
        if state is not None:
            one = {"name": self.container_spec["name"], "image": self.container_spec["image"], "ready": self.ready}
            one |= {"restartCount": self.restarts, "state": state, "lastState": self.last if self.restarts else {}}
            status["containerStatuses"] = [one]
        self.store.set_status(self.pod, status)

    def _pause(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self._is_deleted():
            time.sleep(_STEP)

    def _is_deleted(self):
        found = self.store.objects.get(tuple(self.pod["key"]))
        return (
            found is None
            or found["metadata"]["uid"] != self.pod["metadata"]["uid"]
            or bool(found["metadata"].get("deletionTimestamp"))
        )

    def _end(self):
        process = self.container.process
        if process is not None and process.poll() is None:
            hook = ((self.container_spec.get("lifecycle") or {}).get("preStop") or {}).get("exec")
            if hook:
                self.container.run_hook(hook["command"])
            self.container.signal(signal.SIGTERM)
            end = time.monotonic() + self.spec.get("terminationGracePeriodSeconds", 30)
            while process.poll() is None and time.monotonic() < end:
                time.sleep(_STEP)
        self.container.remove()
        self.store.remove(*self.pod["key"])
