"""What is already there but different: a Conflict that names it."""

from __future__ import annotations

from collections.abc import Collection

from windlass.errors import Conflict, shorten
from windlass.services.importing.forms import Form
from windlass.services.importing.tally import canonical


def check_alike(what: str, ours: Form, theirs: Form, *, but: Collection[str] = ()) -> None:
    """Raise Conflict if the target has another thing under this name than the source; `but` are fields that may differ.

    `what` names the thing, as `run abc`.
    """
    for field, value in ours.items():
        if field not in but and canonical(value) != canonical(theirs[field]):
            raise conflict(f"has another {what}: {field} {shorten(theirs[field])} instead of {shorten(value)}")


def check_stage(what: str, ours: str, theirs: str, *, deleted: str) -> None:
    """Raise Conflict if the target has what the source uses in its bin; the other way round is only not done yet."""
    if theirs == deleted and ours != deleted:
        raise conflict(f"has {what} in the bin, the source does not")


def conflict(problem: str) -> Conflict:
    """What keeps the import from going on; `problem` goes on behind "the target"."""
    return Conflict(
        f"the target {problem}", hint="import into an empty store, or change what differs and start the import again"
    )
