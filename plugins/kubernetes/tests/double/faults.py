"""Faults: what goes wrong when tests say so."""

from __future__ import annotations

import threading
import time

from refusals import Refusal


class Cut(Exception):
    """The connection is to be cut instead of an answer."""


class Faults:
    """Each is a dictionary with `verb` and `plural`, and with a `status` and a `message`, `cut` (`before` or `after` it
    is done) or `hang` in seconds; `times` is how often it happens."""

    def __init__(self):
        self._known, self._lock = {}, threading.Lock()

    def set(self, namespace, faults):
        with self._lock:
            self._known[namespace] = [{"times": 1, **one} for one in faults]

    def meet(self, namespace, verb, plural, when):
        """Do what a fault says of a request, `before` or `after` it is carried out."""
        fault = self._take(namespace, verb, plural, when)
        if fault is None:
            return
        if "hang" in fault:
            time.sleep(fault["hang"])
        if "cut" in fault:
            raise Cut
        if "status" in fault:
            reasons = {
                403: "Forbidden",
                409: "Conflict",
                429: "TooManyRequests",
                500: "InternalError",
                503: "ServiceUnavailable",
            }
            raise Refusal(fault["status"], reasons.get(fault["status"], "Unknown"), fault["message"])

    def _take(self, namespace, verb, plural, when):
        with self._lock:
            for one in self._known.get(namespace, []):
                moment = one.get("cut", "before")
                fits = one["verb"] in {verb, "*"} and one["plural"] in {plural, "*"}
                if fits and one["times"] > 0 and (when or "before") == moment:
                    one["times"] -= 1
                    return one
        return None
