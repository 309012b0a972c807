"""KServe: what its controller does with InferenceServices, in the part that is used here."""

from __future__ import annotations


class KServe:
    def __init__(self, store, node):
        self._store, self._node = store, node

    def look(self, controllers):
        pass

    def pod_for(self, host):
        """The address of the pod that answers a request to a host; None for all other hosts."""
        return
