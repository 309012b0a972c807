"""Names that only one may have.

A taken name is a document whose id says the name and whose `target` is the root that has it. It counts as long as that
root exists and says so too; so a process that dies half way leaves no name taken.

Taking a name, for a new root or a renamed one, happens in three writes. First the root gets a claim: the wanted name, a
token of its own, and what the root will be. Then the name's document gets the same token: that is the moment at which
it happens. Last the root becomes what its claim says. Whoever finds a root with a claim looks at the name's document to
see whether the middle one has been written, and then does the last one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from windlass_elasticsearch.cluster import Cluster
from windlass_elasticsearch.documents import (
    Collided,
    Document,
    Source,
    create,
    new_token,
    read,
    remove,
    replace,
    written,
)
from windlass_elasticsearch.indices import NAMES


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one kind of roots, which are in one index under the name that `target` says.

    `has` tells whether a root has the name, apart from any claim.
    """

    kind: str
    index: str
    has: Callable[[Source, str], bool]

    def find(self, cluster: Cluster, name: str) -> str | None:
        """Whose the name may be: the root has to be asked whether it is so; None if it is nobody's."""
        document = read(cluster, NAMES.name, self._id(name))
        return None if document is None else str(document.source["target"])

    def claim(self, source: Source, name: str, becoming: Source) -> None:
        """Put a claim to a name into a root that is about to be written."""
        source["claim"] = {"name": name, "token": new_token(), "becoming": becoming}
        source["pending"] = True

    def take(self, cluster: Cluster, root: Document, target: str) -> bool:
        """Take the name that a root claims; False if somebody else has it."""
        claim = root.source["claim"]
        wanted = {"kind": self.kind, "name": claim["name"], "target": target, "token": claim["token"]}
        if create(cluster, NAMES.name, self._id(claim["name"]), wanted) is not None:
            return True
        holder = read(cluster, NAMES.name, self._id(claim["name"]))
        if holder is None:
            raise Collided
        if holder.source["token"] == claim["token"]:
            return True
        if self._counts(cluster, holder, apart_from=target):
            return False
        written(replace(cluster, holder, wanted))
        return True

    def resolve(self, cluster: Cluster, root: Document) -> Document:
        """The root without its claim: as the claim says if the name was taken for it, otherwise as before.

        Collided if somebody else wrote the root meanwhile.
        """
        claim = root.source.get("claim")
        if claim is None:
            return root
        holder = read(cluster, NAMES.name, self._id(claim["name"]))
        if holder is not None and holder.source["token"] == claim["token"]:
            return written(replace(cluster, root, claim["becoming"]))
        before = {key: one for key, one in root.source.items() if key != "claim"}
        return written(replace(cluster, root, {**before, "pending": "journal" in before}))

    def release(self, cluster: Cluster, name: str, target: str) -> None:
        """Tidy up behind a root that no longer has this name; nothing depends on it."""
        holder = read(cluster, NAMES.name, self._id(name))
        if holder is not None and holder.source["target"] == target and not self._counts(cluster, holder):
            remove(cluster, holder)

    def _counts(self, cluster: Cluster, holder: Document, *, apart_from: str | None = None) -> bool:
        """Whether the name is really taken by whom its document says."""
        target = holder.source["target"]
        root = read(cluster, self.index, target)
        if root is None:
            return False
        if root.source.get("claim") is not None and target != apart_from:
            root = self.resolve(cluster, root)
        return self.has(root.source, holder.source["name"]) and target != apart_from

    def _id(self, name: str) -> str:
        return f"{self.kind}.{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()}"
