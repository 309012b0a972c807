"""Servers that are too old, or none of Elasticsearch: what is said to whoever names one."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from windlass.config import Settings
from windlass.errors import Unsupported
from windlass.uri import Uri
from windlass_elasticsearch.tracking import ElasticsearchTrackingStore

NOT_FOUND = {"error": {"type": "index_not_found_exception", "reason": "no such index"}, "status": 404}
MEDIA_TYPE = {"error": {"type": "media_type_header_exception", "reason": "Invalid media-type value"}, "status": 400}
OURS = {"X-Elastic-Product": "Elasticsearch"}


@pytest.fixture
def answering():
    """Starts a server that answers every request alike, but says its version at the root; returns its URI."""
    servers = []

    def start(status, body, headers):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                is_root = self.path == "/" and status == 404
                content = json.dumps({"version": {"number": "7.17.15"}} if is_root else body).encode()
                self.send_response(200 if is_root else status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        Thread(target=servers[-1].serve_forever, daemon=True).start()
        return Uri.parse(f"elasticsearch://127.0.0.1:{servers[-1].server_port}")

    yield start
    for one in servers:
        one.shutdown()
        one.server_close()


@pytest.mark.parametrize(
    ("client", "answer", "said", "way_out"),
    [
        (8, (404, NOT_FOUND, OURS), "is Elasticsearch 7.17.15", "use 8.0 or later"),
        (8, (400, MEDIA_TYPE, OURS), "is older than the client", "Elasticsearch 8 or later"),
        (9, (400, MEDIA_TYPE, OURS), "is older than the client", "elasticsearch<9"),
        (8, (404, NOT_FOUND, {}), "is no Elasticsearch server of version 8 or later", "name a server"),
    ],
)
def test_a_server_that_will_not_do_is_refused_with_a_way_out(answering, monkeypatch, client, answer, said, way_out):
    monkeypatch.setattr("elasticsearch.__version__", (client, 1, 0))
    with pytest.raises(Unsupported, match=said) as raised:
        ElasticsearchTrackingStore.open(answering(*answer), Settings())
    assert way_out in (raised.value.hint or "")
