"""Patches as RFC 7386 and RFC 6902 have them."""

from __future__ import annotations

import copy

from refusals import Refusal


def merged(content, patch):
    if not isinstance(patch, dict):
        return patch
    found = copy.deepcopy(content) if isinstance(content, dict) else {}
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = merged(found.get(key), value)
    return found


def stepped(content, steps):
    found = copy.deepcopy(content)
    for step in steps:
        *path, last = [one.replace("~1", "/").replace("~0", "~") for one in step["path"].split("/")[1:]]
        place = found
        try:
            for key in path:
                place = place[int(key)] if isinstance(place, list) else place[key]
            if step["op"] != "add":
                present = place[last]
        except KeyError:
            raise _refused() from None
        if step["op"] == "test" and present != step["value"]:
            raise _refused()
        if step["op"] in {"add", "replace"}:
            place[last] = copy.deepcopy(step["value"])
        elif step["op"] == "remove":
            del place[last]
    return found


def _refused():
    return Refusal(422, "Invalid", "the server rejected our request due to an error in our request")
