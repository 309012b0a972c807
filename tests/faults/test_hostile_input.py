"""Input that is meant to do harm, against a real server: JSON errors, bounded memory, no way out of the artifacts."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from pathlib import Path
from urllib.parse import quote

import pytest

API = "/api/2.0/mlflow"
PROXY = "/api/2.0/mlflow-artifacts/artifacts"
MB = 1 << 20
SECRET = "nobody outside may read this"


@pytest.fixture(scope="module")
def shared(shared_server):
    return shared_server()


@pytest.fixture
def client(shared, connect):
    return connect(shared.url)


def peak_memory(server):
    """The most memory that the process ever had, in bytes."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return 1024 * next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


def refused(answer, status=400):
    assert answer[0] == status, answer
    problem = answer[1] if isinstance(answer[1], dict) else json.loads(answer[1])
    assert problem["error_code"]
    assert not {"Traceback", "sqlalchemy", "SELECT", "INSERT"} & set(problem["message"].split())
    return problem


@pytest.mark.parametrize("chunked", [False, True], ids=["with a length", "in chunks"])
def test_a_huge_body_is_refused_while_others_are_answered(shared, client, connect, chunked):
    before = peak_memory(shared)
    size = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {100 * MB}"
    head = f"POST {API}/runs/log-batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{size}\r\n\r\n"
    piece = b"[" * MB
    sent = b"%x\r\n%s\r\n" % (MB, piece) if chunked else piece
    with socket.create_connection(("127.0.0.1", client.port), timeout=60) as hostile:
        hostile.sendall(head.encode())

        def pour():
            try:
                for _ in range(100):
                    hostile.sendall(sent)
            except OSError:
                # The server may hang up before all of it is there.
                return

        pouring = threading.Thread(target=pour)
        pouring.start()
        for _ in range(20):
            assert client.send("GET", f"{API}/experiments/get?experiment_id=0")[0] == 200
        answer = hostile.recv(65536)
        while not answer.endswith(b"}"):
            answer += hostile.recv(65536)
        assert answer.startswith(b"HTTP/1.1 413")
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["error_code"] == "BAD_REQUEST"
        hostile.shutdown(socket.SHUT_RDWR)
        pouring.join(30)
    assert peak_memory(shared) - before < (220 if chunked else 20) * MB


@pytest.mark.slow
def test_many_large_bodies_at_once_fill_no_memory(shared, client, connect):
    before = peak_memory(shared)
    head = f"POST {API}/runs/log-batch HTTP/1.1\r\nHost: localhost\r\nContent-Length: {60 * MB}\r\n\r\n".encode()
    refusals = []

    def pour():
        with socket.create_connection(("127.0.0.1", client.port), timeout=60) as hostile:
            try:
                hostile.sendall(head)
                for _ in range(59):
                    hostile.sendall(b" " * MB)
                hostile.settimeout(5)
                refusals.append(hostile.recv(65536))
            except OSError:
                return

    pouring = [threading.Thread(target=pour) for _ in range(12)]
    for one in pouring:
        one.start()
    for one in pouring:
        one.join(60)
    assert client.run()
    assert any(b"503" in one.partition(b"\r\n")[0] and b"retry-after" in one for one in refusals)
    assert peak_memory(shared) - before < 600 * MB


def test_a_compressed_body_is_not_unpacked(shared, client):
    before = peak_memory(shared)
    bomb = gzip.compress(b" " * (200 * MB), 1)
    answer = client.send("POST", f"{API}/runs/create", bomb, content_encoding="gzip", content_type="application/json")
    refused(answer)
    assert peak_memory(shared) - before < 20 * MB


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"experiment_id":[', '{"tags":[{"key":'])
@pytest.mark.parametrize("depth", [900, 100_000])
def test_deep_nesting_is_refused(client, opening, depth):
    refused(client.ask("POST", "/runs/create", opening * depth))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"experiment_id": "0", "experiment_id": "1"}', "experiment_id"),
        ('{"experiment_id": "0", "tags": [{"key": "a", "key": "b", "value": "c"}]}', "key"),
        ('{"experiment_id": "0", "experimentId": "1"}', "experiment_id"),
    ],
)
def test_what_is_given_twice_is_refused(client, body, field):
    assert refused(client.ask("POST", "/runs/create", body))["details"]["field"] == field


@pytest.mark.parametrize("body", [b"\xff\xfe{}", b'{"experiment_id": "\xed\xa0\x80"}', b'{"a": 1' + b"0" * 5000 + b"}"])
def test_what_is_no_utf_8_or_no_number_is_refused(client, body):
    refused(client.send("POST", f"{API}/runs/create", body, content_type="application/json"))


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", "experiment_id=0"),
        (
            "multipart/form-data; boundary=x",
            '--x\r\nContent-Disposition: form-data; name="experiment_id"\r\n\r\n0\r\n--x--',
        ),
        ("text/xml", "<run/>"),
        ("application/json; charset=utf-16", "{}".encode("utf-16").decode("latin-1")),
    ],
)
def test_a_body_of_another_type_is_refused(client, content_type, body):
    refused(client.send("POST", f"{API}/runs/create", body, content_type=content_type))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("DELETE", f"{API}/runs/create", 405),
        ("GET", f"{API}/runs/create", 405),
        ("PATCH", "/get-artifact", 405),
        ("TRACE", f"{API}/runs/get", 405),
        ("NONSENSE", f"{API}/runs/get", 400),
        ("GET", f"{API}/runs/create/more", 404),
        ("GET", "/api/2.0/mlflow", 404),
        ("GET", "/schema/none", 404),
        ("GET", "/static-files/../../etc/passwd", 404),
        ("GET", "/%00", 404),
        ("GET", "/" + "x" * 8000, 404),
        ("POST", f"{PROXY}/x", 405),
    ],
)
def test_wrong_methods_and_paths_get_json(client, method, path, status):
    refused(client.send(method, path), status)


def test_head_and_options_are_answered_without_a_body_or_as_json(client):
    for path in (f"{API}/runs/get?run_id=x", "/health", f"{API}/experiments/search"):
        status, body = client.send("HEAD", path)
        assert status in {200, 404, 405}
        assert body == b""
        status, _ = client.send("OPTIONS", path)
        assert status in {204, 405}


@pytest.mark.parametrize("max_results", ["0", "-1", str(2**63 - 1), str(2**63), "1.5", "x", ""])
@pytest.mark.parametrize(
    "path",
    ["/experiments/search", "/runs/search", "/registered-models/search", "/model-versions/search", "/webhooks",
     "/registered-models/list", "/experiments/list"],
)  # fmt: skip
def test_page_sizes_that_make_no_sense_are_refused(client, path, max_results):
    status, found = client.ask("GET", path, {"max_results": max_results})
    assert status == 400, found
    assert found["details"]["field"] == "max_results"


TOKENS = [
    "x",
    "eyJvZmZzZXQiOiAwfQ==",
    "eyJvZmZzZXQiOiAtMX0=",
    "\ud800".encode("utf-8", "surrogatepass"),
    "a" * 9000,
    "==",
]


@pytest.mark.parametrize("token", TOKENS, ids=range(len(TOKENS)))
@pytest.mark.parametrize(
    "path", ["/experiments/search", "/runs/search", "/registered-models/search", "/model-versions/search", "/webhooks"]
)
def test_page_tokens_that_nobody_gave_are_refused(client, path, token):
    status, found = client.ask("GET", path, {"page_token": token, "max_results": 1, "experiment_ids": "0"})
    assert status == 400, found


def climbing():
    """Ways to write a path that leads out of its directory."""
    for up in ("..", "%2e%2e", "%252e%252e", "%25252e%25252e", ".%2e", "%c0%ae%c0%ae", "%e0%80%ae", "%uff0e%uff0e",
               quote("．．"), quote("‥"), "..;", "....//..", "..%00", "%00.."):  # fmt: skip
        for slash in ("/", "%2f", "%252f", "%5c", "%255c", "\\", "%c0%af", quote("／")):
            yield f"{up}{slash}secret.txt"
        yield f"a/{up}/{up}/secret.txt"
    yield from ("/etc/passwd", "%2fetc%2fpasswd", "%252fetc%252fpasswd", "//etc/passwd", "file:%2f%2f%2fetc%2fpasswd")
    yield from ("C:%5cWindows%5cwin.ini", "~root/.bashrc", "secret.txt%00.png", "a" * 300, "/".join(["a"] * 2100))


def outside(directory):
    """Everything beside the artifacts: nothing there may come or go."""
    return {
        (str(path), path.stat().st_size)
        for path in directory.rglob("*")
        if "served-artifacts" not in path.parts and path.is_file() and not path.name.startswith("server.")
    }


def test_no_path_leads_out_of_the_artifacts(shared, client):
    directory = Path(shared.log.name).parent
    (directory / "secret.txt").write_text(SECRET)
    run_id = client.run()
    model = client.do("POST", "/logged-models", {"experiment_id": "0", "name": "m"})["model"]["info"]["model_id"]
    assert client.send("PUT", f"{PROXY}/0/{run_id}/artifacts/a/b.txt", b"x")[0] == 200
    client.do("POST", "/registered-models/create", {"name": "traversal"})
    version = {"name": "traversal", "source": f"runs:/{run_id}/a", "run_id": run_id}
    client.do("POST", "/model-versions/create", version)
    before = outside(directory)
    for path in climbing():
        for method, url, body in (
            ("GET", f"{PROXY}/{path}", None),
            ("PUT", f"{PROXY}/{path}", b"planted"),
            ("DELETE", f"{PROXY}/{path}", None),
            ("GET", f"/api/2.0/mlflow-artifacts/artifacts?path={path}", None),
            ("GET", f"{API}/artifacts/list?run_id={run_id}&path={path}", None),
            ("GET", f"/get-artifact?run_id={run_id}&path={path}", None),
            ("GET", f"/model-versions/get-artifact?name=traversal&version=1&path={path}", None),
            ("POST", f"{API}/upload-artifact?run_id={run_id}&path={path}", b"planted"),
            ("GET", f"{API}/logged-models/{model}/artifacts/files?artifact_file_path={path}", None),
            ("GET", f"{API}/logged-models/{model}/artifacts/directories?artifact_directory_path={path}", None),
        ):
            status, answer = client.send(method, url, body)
            assert status < 500, (method, url, answer)
            assert SECRET.encode() not in answer, (method, url)
            assert b"root:" not in answer, (method, url)
            assert str(directory).encode() not in answer, (method, url, answer)
            if status >= 400:
                assert json.loads(answer)["error_code"], (method, url)
    assert outside(directory) == before


def test_no_artifact_root_leads_out_of_the_artifacts(shared, client):
    directory = Path(shared.log.name).parent
    (directory / "secret.txt").write_text(SECRET)
    roots = ["/../", "/a/../..", "/%2e%2e/", "/%252e%252e", "..", "/..%5c"]
    for number, root in enumerate(f"mlflow-artifacts:{one}" for one in roots):
        values = {"name": f"climber {number}", "artifact_location": root}
        status, made = client.ask("POST", "/experiments/create", values)
        if status == 200:
            run_id = client.run(made["experiment_id"])
            for path in ("secret.txt", "../secret.txt"):
                status, answer = client.send("GET", f"/get-artifact?run_id={run_id}&path={path}")
                assert 400 <= status < 500, (root, answer)
                assert SECRET.encode() not in answer
        else:
            assert status == 400, made


def test_an_upload_that_breaks_off_leaves_nothing_and_no_error_of_the_server(shared, client):
    directory = Path(shared.log.name).parent
    for size in (10, 3 * MB):
        head = f"PUT {PROXY}/half/file.bin HTTP/1.1\r\nHost: localhost\r\nContent-Length: {10 * MB}\r\n\r\n".encode()
        with socket.create_connection(("127.0.0.1", client.port), timeout=30) as hostile:
            hostile.sendall(head + b"x" * size)
    for _ in range(100):
        time.sleep(0.02)
        if not list(directory.rglob("windlass-upload-*")):
            break
    assert client.send("GET", f"{PROXY}/half/file.bin")[0] == 404
    assert client.ask("GET", "", {"path": "half"}, prefix="/api/2.0/mlflow-artifacts/artifacts") == (200, {})


def test_the_log_holds_no_error_after_all_of_this(shared, client):
    assert client.run()
    log = Path(shared.log.name).read_text()
    assert "Traceback" not in log
    assert " ERROR " not in log
