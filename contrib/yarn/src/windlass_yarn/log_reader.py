"""LogReader: what a container prints, as it comes."""

from __future__ import annotations

import re
from collections.abc import Callable

from windlass.config import Settings
from windlass.errors import Unavailable
from windlass_rest.rest import Rest
from windlass_yarn.container import Container
from windlass_yarn.refusal import said_by_hadoop

_TIMEOUT = 5.0
_PIECE = 65_536
# A NodeManager tells the length of the whole file before the part that was asked for.
_HEAD = re.compile(rb"^LogLength:\s*(\d+)\s*\n(?:^[^\n]*\n)*?^LogContents:\n", re.MULTILINE)


class LogReader:
    """Passes on what one container prints, each byte once."""

    def __init__(self, container: Container, settings: Settings, *, user: str, write: Callable[[bytes], None]) -> None:
        self.container = container
        self._rest = Rest.open(
            container.node, settings, name="YARN's NodeManager", timeout=_TIMEOUT, said=said_by_hadoop
        )
        self._user = user
        self._write = write
        self._passed = 0

    def look(self) -> None:
        """Pass on what is new; Unavailable or NotFound if the node cannot be asked."""
        start, data = self._read(-_PIECE)
        if start > self._passed:
            start, data = self._read(None)
        new = data[max(self._passed - start, 0) :]
        if new:
            self._write(new)
            self._passed = start + len(data)

    def _read(self, size: int | None) -> tuple[int, bytes]:
        """The end of the log of a number of bytes, or all of it, and where that begins."""
        query = f"?user.name={self._user}" + (f"&size={size}" if size is not None else "")
        path = f"/ws/v1/node/containerlogs/{self.container.name}/stdout{query}"
        answer = self._rest.send("GET", path, headers={"accept": "text/plain"}).data
        head = _HEAD.search(answer)
        if head is None:
            raise Unavailable(f"the NodeManager at {self.container.node} tells the log in a form that is not known")
        length = int(head[1])
        part = min(length, -size) if size is not None else length
        return length - part, answer[head.end() : head.end() + part]
