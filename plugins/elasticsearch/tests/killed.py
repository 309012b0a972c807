"""A process that is killed in the middle: `killed.py URI PLACE CODE` runs CODE and dies at PLACE, a module's attribute.

CODE sees the tracking store as `store`. PLACE is `module:attribute[.attribute]`; with `@NUMBER` it dies at that call.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys

from windlass.config import Settings
from windlass.uri import Uri
from windlass_elasticsearch.tracking import ElasticsearchTrackingStore


def die_at(place: str) -> None:
    place, _, number = place.partition("@")
    module, _, path = place.partition(":")
    owner = importlib.import_module(module)
    *parents, name = path.split(".")
    for parent in parents:
        owner = getattr(owner, parent)
    original, calls = getattr(owner, name), []

    def die(*args, **kwargs):
        calls.append(1)
        if len(calls) == int(number or 1):
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*args, **kwargs)

    setattr(owner, name, die)


if __name__ == "__main__":
    uri, place, code = sys.argv[1:]
    with ElasticsearchTrackingStore.open(Uri.parse(uri), Settings()) as opened:
        if place:
            die_at(place)
        exec(code, {"store": opened})
