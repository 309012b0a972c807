"""Script: a text for the shell of a node, behind which the project's files are packed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from shlex import quote

_OFFSET = "0000000000"


def script(
    directory: str,
    command: Sequence[str],
    *,
    variables: Mapping[str, str],
    preparation: Iterable[str],
    marker: str,
) -> bytes:
    """A script that unpacks what follows it, and becomes a command in a directory of that.

    No shell reads the values of the command and its variables; in them `marker` stands for the place of the files.
    """
    lines = [
        "#!/bin/sh",
        "exec 2>&1",
        'root="$PWD/windlass"',
        f'mkdir "$root" && tail -c +{_OFFSET} "$0" | tar -xzf - -C "$root" || exit 125',
        f'cd "$root"/{quote(directory)} || exit 125',
        *(f"export {name}={_quoted(value, marker)}" for name, value in variables.items()),
        *preparation,
        # It takes the place of the shell, so that it gets the signals; nothing below is ever read as a line.
        f"exec {' '.join(_quoted(one, marker) for one in command)}",
        "exit 127",
        "",
    ]
    text = "\n".join(lines).encode("utf-8", "surrogateescape")
    return text.replace(_OFFSET.encode(), f"{len(text) + 1:0{len(_OFFSET)}}".encode(), 1)


def _quoted(text: str, marker: str) -> str:
    return '"$root"'.join(quote(part) for part in text.split(marker))
