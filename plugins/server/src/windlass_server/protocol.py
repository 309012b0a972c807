"""PatientProtocol: HTTP on one connection, with limits to how slowly a client may talk and listen."""

from __future__ import annotations

import json
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

SILENCE = 30.0
"""As many seconds a client may send nothing in the middle of a request, or before its first one."""
DEAFNESS = 120.0
"""As many seconds a client may take nothing of an answer."""
HEAD = 64 * 1024
"""As many bytes the head of a request may have."""
_LOOK = 5.0


class PatientProtocol(HttpToolsProtocol):
    """Closes the connection of a client that begins a request and does not go on, or takes nothing of its answer.

    Heads without end are refused.

    Waiting for the next request on an open connection is uvicorn's affair; so are requests that are being answered.
    """

    def connection_made(self, transport: Any) -> None:
        """A client is here; its first request should follow."""
        super().connection_made(transport)
        self._silent_since: float | None = self.loop.time()
        self._in_head, self._in_request, self._head = False, False, 0
        self._unsent, self._unsent_since = 0, 0.0
        self._watch = self.loop.call_later(_LOOK, self._look)

    def data_received(self, data: bytes) -> None:
        """The client goes on."""
        super().data_received(data)
        if self._in_head:
            self._head += len(data)
            if self._head > HEAD and not self.transport.is_closing():
                self.send_400_response(f"the head of the request is too large (limit: {HEAD} bytes)")
        self._silent_since = self.loop.time() if self._in_request else None

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_head, self._in_request, self._head = True, True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its head has been read."""
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """All of it has been read."""
        self._in_request = False
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        self._watch.cancel()
        super().connection_lost(exc)

    def hang_up_after_answer(self) -> None:
        """Let the answer that is being made be the last one."""
        if self.cycle is not None:
            self.cycle.keep_alive = False

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, in the form of all our errors, and hang up."""
        body = json.dumps({"error_code": "BAD_REQUEST", "message": msg, "code": "invalid_value"}).encode()
        head = b"content-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
        self.transport.write(STATUS_LINE[400] + head + body)
        self.transport.close()

    def _look(self) -> None:
        if self.transport.is_closing():
            return
        now = self.loop.time()
        if self._is_silent(now) or self._is_deaf(now):
            self.transport.abort()
        else:
            self._watch = self.loop.call_later(_LOOK, self._look)

    def _is_silent(self, now: float) -> bool:
        if self._silent_since is None:
            return False
        if self.flow.read_paused:
            # It is we who do not listen.
            self._silent_since = now
        return now - self._silent_since > SILENCE

    def _is_deaf(self, now: float) -> bool:
        unsent = self.transport.get_write_buffer_size()
        if unsent == 0 or unsent != self._unsent:
            self._unsent, self._unsent_since = unsent, now
        return now - self._unsent_since > DEAFNESS
