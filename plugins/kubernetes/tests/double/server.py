"""A double of an API server of Kubernetes, with a controller and a node whose containers are processes.

`server.py` prints its URL; it ends with the process that started it. Whoever has the token `good` may do everything.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from controllers import Controllers, is_ready
from faults import Cut, Faults
from kserve import KServe
from patching import merged, stepped
from pods import Node
from refusals import Refusal
from store import Store, matches

_OBJECTS = re.compile(
    r"/(?:api|apis/[a-z0-9.]+)/v[a-z0-9]+/namespaces/([^/]+)/([a-z]+)(?:/([^/]+))?(?:/([a-z]+)(/.*)?)?"
)
_VERSIONS = {
    "deployments": "/apis/apps/v1/",
    "horizontalpodautoscalers": "/apis/autoscaling/v1/",
    "inferenceservices": "/apis/serving.kserve.io/v1beta1/",
    "jobs": "/apis/batch/v1/",
    "pods": "/api/v1/",
    "secrets": "/api/v1/",
    "services": "/api/v1/",
}
_RUNNING = ("deployments", "inferenceservices", "jobs", "pods")
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Double:
    def __init__(self, directory):
        self.store, self.faults = Store(), Faults()
        self.node = Node(self.store, f"{directory}/python.sock")
        self.kserve = KServe(self.store, self.node)
        self.controllers = Controllers(self.store, self.faults)

    def work(self):
        while True:
            try:
                self.controllers.look()
                self.kserve.look(self.controllers)
                self.node.look()
            except Exception as error:  # noqa: BLE001  the next look may be better
                print(f"controllers: {error!r}", file=sys.stderr, flush=True)
            time.sleep(0.05 if any(map(self.store.list, _RUNNING)) else 0.2)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    double = None

    def handle_one(self):
        parts = urlsplit(self.path)
        self.query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        length = int(self.headers.get("content-length") or 0)
        self.body = self.rfile.read(length) if length else b""
        try:
            self.route(parts.path)
        except Refusal as refusal:
            self.answer(refusal.status, refusal.content)
        except Cut:
            self.close_connection = True
            self.connection.shutdown(2)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_one  # noqa: N815

    def route(self, path):
        if host := self.double.kserve.pod_for(self.headers.get("host", "")):
            self.pass_on(host, path)
            return
        if path.startswith("/double/"):
            self.double.faults.set(path.removeprefix("/double/"), json.loads(self.body))
            self.answer(200, {})
            return
        if self.headers.get("authorization") != "Bearer good":
            raise Refusal(401, "Unauthorized", "Unauthorized")
        if path == "/version":
            self.answer(200, {"major": "1", "minor": "33", "gitVersion": "v1.33.0"})
        elif path == "/api/v1/namespaces" and self.command == "POST":
            self.double.store.namespaces.add(json.loads(self.body)["metadata"]["name"])
            self.answer(201, {"kind": "Namespace"})
        elif found := _OBJECTS.fullmatch(path):
            self.object(path, *[None if one is None else unquote(one) for one in found.groups()])
        else:
            raise Refusal(404, "NotFound", "the server could not find the requested resource")

    def object(self, path, namespace, plural, name, part, rest):
        if plural not in _VERSIONS or not path.startswith(_VERSIONS[plural]):
            raise Refusal(404, "NotFound", "the server could not find the requested resource")
        self.double.faults.meet(namespace, self.command, plural if part != "log" else "log", "before")
        if part == "log":
            self.log(namespace, name)
        elif part == "proxy" and plural == "services":
            self.proxy(namespace, name.partition(":")[0], rest or "/")
        else:
            done = self.change(namespace, plural, name)
            self.double.faults.meet(namespace, self.command, plural, "after")
            self.answer(*done)

    def change(self, namespace, plural, name):
        store, way = self.double.store, self.command
        content = json.loads(self.body) if self.body else None
        if way == "POST":
            return 201, store.create(namespace, plural, content)
        if way == "DELETE":
            uid = ((content or {}).get("preconditions") or {}).get("uid")
            return 200, store.delete(namespace, plural, name, uid=uid)
        if way == "PUT":
            return 200, store.replace(namespace, plural, name, content)
        if way == "PATCH":
            with store.lock:
                present = store.get(namespace, plural, name)
                do = stepped if "json-patch" in self.headers["content-type"] else merged
                return 200, store.replace(namespace, plural, name, do(present, content))
        if name is not None:
            return 200, store.get(namespace, plural, name)
        labels = dict(one.split("=") for one in self.query.get("labelSelector", "").split(",") if one)
        return 200, {
            "kind": "List",
            "metadata": {},
            "items": [_bare(one) for one in store.list(plural, namespace, labels)],
        }

    def log(self, namespace, name):
        run = self.double.node.run_of(self.double.store.get(namespace, "pods", name))
        if run is None or (not run.lines() and run.container.process is None):
            raise Refusal(400, "BadRequest", f'container in pod "{name}" is waiting to start: ContainerCreating')
        if self.query.get("follow") == "true":
            self.follow(run)
            return
        lines = run.lines(previous=self.query.get("previous") == "true")
        if since := self.query.get("sinceTime"):
            lines = [one for one in lines if one[0][:19] >= since[:19]]
        if tail := self.query.get("tailLines"):
            lines = lines[-int(tail) :]
        stamped = self.query.get("timestamps") == "true"
        self.send(200, b"".join((stamp.encode() + b" " if stamped else b"") + line for stamp, line in lines))

    def follow(self, run):
        self.send_response(200)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        sent = 0
        while True:
            ended = run.container.process is not None and run.container.process.poll() is not None
            time.sleep(0.05)
            for _, line in run.lines()[sent:]:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
                sent += 1
            self.wfile.flush()
            if ended:
                self.wfile.write(b"0\r\n\r\n")
                return

    def proxy(self, namespace, name, path):
        service = self.double.store.get(namespace, "services", name)
        pods = [pod for pod in self.double.store.list("pods", namespace) if matches(pod, service["spec"]["selector"])]
        ready = [pod for pod in pods if is_ready(pod)]
        if not ready:
            raise Refusal(503, "ServiceUnavailable", f'no endpoints available for service "{name}"')
        self.pass_on(random.choice(ready)["status"]["podIP"], path)

    def pass_on(self, address, path):
        request = urllib.request.Request(
            f"http://{address}:8080{path}", data=self.body or None, method=self.command,
            headers={"content-type": self.headers.get("content-type", "application/json")},
        )  # fmt: skip
        try:
            with _opener.open(request, timeout=60) as answer:
                self.send(answer.status, answer.read(), answer.headers.get("content-type"))
        except urllib.error.HTTPError as error:
            with error:
                self.send(error.code, error.read(), error.headers.get("content-type"))
        except OSError as error:
            raise Refusal(503, "ServiceUnavailable", f"error trying to reach service: {error}") from error

    def answer(self, status, content):
        self.send(status, json.dumps(_bare(content)).encode())

    def send(self, status, data, content_type="application/json"):
        self.send_response(status)
        self.send_header("content-type", content_type or "text/plain")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def _bare(content):
    return {key: value for key, value in content.items() if key != "key"}


def main():
    directory = tempfile.mkdtemp(prefix="windlass-double-")
    warm = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("warm_python.py")), f"{directory}/python.sock"]
    )
    while not Path(directory, "python.sock").exists():
        if warm.poll() is not None:
            sys.exit("the warm process did not start")
        time.sleep(0.05)
    Handler.double = Double(directory)
    threading.Thread(target=Handler.double.work, daemon=True).start()
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    sys.stdin.read()
    for run in list(Handler.double.node.runs.values()):
        run.container.remove()
    warm.kill()


if __name__ == "__main__":
    main()
