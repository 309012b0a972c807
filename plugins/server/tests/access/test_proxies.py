"""Behind a proxy that asks for passwords itself: which of them is believed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time

import pytest

from windlass.errors import InvalidValue
from windlass_server.proxies import Proxies

HEADER = "X-Remote-User"


def asked(address, *headers):
    """What a request from the address looks like."""
    return {"client": (address, 1234), "headers": list(headers)}


def forwarded(*hops):
    return b"x-forwarded-for", ", ".join(hops).encode()


def test_nobody_is_believed_who_is_not_trusted():
    proxies = Proxies(["10.0.0.0/8"], HEADER)
    assert proxies.user(asked("192.168.0.1", (b"x-remote-user", b"admin"))) is None
    assert proxies.client(asked("192.168.0.1", forwarded("1.2.3.4"))) == "192.168.0.1"


def test_the_client_is_the_first_one_that_no_trusted_proxy_vouches_for():
    proxies = Proxies(["10.0.0.0/8", "127.0.0.1"])
    assert proxies.client(asked("127.0.0.1", forwarded("6.6.6.6", "1.2.3.4", "10.1.1.1"))) == "1.2.3.4"
    assert proxies.client(asked("127.0.0.1")) == "127.0.0.1"


def test_two_names_in_one_request_are_none():
    proxies = Proxies(["127.0.0.1"], HEADER)
    assert proxies.user(asked("127.0.0.1", (b"x-remote-user", b"admin"), (b"x-remote-user", b"bob"))) is None


def test_a_header_that_anybody_could_send_is_refused():
    with pytest.raises(InvalidValue, match="trusted-proxies"):
        Proxies([], HEADER)
    with pytest.raises(InvalidValue, match="neither an address nor a network"):
        Proxies(["nonsense"])


def test_a_header_of_an_untrusted_client_counts_for_nothing(found):
    company = found(trusted_proxies=("10.9.9.9",), auth_proxy_header=HEADER)
    assert company.nobody.send("GET", "/version", x_remote_user="admin").status == 401


@pytest.fixture(scope="module")
def nginx_behind(found, tmp_path_factory):
    """A company behind a real nginx with basic authentication and a prefix; gives both and the port."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None or shutil.which("htpasswd") is None:
        reason = "no nginx or htpasswd: run tests/services/nginx.sh"
        (pytest.fail if os.environ.get("WINDLASS_TEST_SERVICES") == "all" else pytest.skip)(reason)
    company = found(trusted_proxies=("127.0.0.1",), auth_proxy_header=HEADER, static_prefix="/ml")
    directory = tmp_path_factory.mktemp("nginx")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for index, (name, password) in enumerate([("alice", "pässword:@"), ("admin", "of the proxy")]):
        flags = "-bcB" if index == 0 else "-bB"
        subprocess.run(["htpasswd", flags, directory / "users", name, password], check=True, capture_output=True)
    for name in ("body", "proxy", "fastcgi", "uwsgi", "scgi"):
        (directory / name).mkdir()
    config = directory / "nginx.conf"
    config.write_text(CONFIG.format(directory=directory, port=port, upstream=company.port))
    (directory / "users").chmod(0o644)
    process = subprocess.Popen([nginx, "-c", config, "-e", directory / "errors.log"])
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            time.sleep(0.05)
    yield company, port
    process.terminate()
    process.wait(10)


CONFIG = """
daemon off; master_process off; pid {directory}/pid; worker_processes 1;
events {{ worker_connections 64; }}
http {{
  access_log off; client_max_body_size 0;
  client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy; fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi; scgi_temp_path {directory}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location /ml/ {{
      auth_basic "ml"; auth_basic_user_file {directory}/users;
      proxy_pass http://127.0.0.1:{upstream};
      proxy_set_header Host $http_host;
      proxy_set_header X-Remote-User $remote_user;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
    }}
  }}
}}
"""


def test_the_proxys_users_have_accounts_here(nginx_behind, basic):
    company, port = nginx_behind
    alice = type(company.nobody)(port, {"authorization": basic("alice", "pässword:@")})
    seen = alice.ask("GET", "/users/current", prefix="/ml/api/2.0/mlflow")
    assert (seen.status, seen.json["user"]["username"], seen.json["user"]["origin"]) == (200, "alice", "proxy")
    made = alice.ask("POST", "/experiments/create", {"name": "through nginx"}, prefix="/ml/api/2.0/mlflow")
    assert made.status == 200
    wrong = type(company.nobody)(port, {"authorization": basic("alice", "wrong")})
    assert wrong.ask("GET", "/users/current", prefix="/ml/api/2.0/mlflow").status == 401


def test_nobody_gets_past_the_proxy_by_sending_its_header(nginx_behind, basic):
    company, port = nginx_behind
    alice = type(company.nobody)(port, {"authorization": basic("alice", "pässword:@"), "x-remote-user": "admin"})
    seen = alice.ask("GET", "/users/current", prefix="/ml/api/2.0/mlflow")
    assert seen.json["user"]["username"] == "alice"
    boss = type(company.nobody)(port, {"authorization": basic("admin", "of the proxy")})
    assert boss.ask("GET", "/users/list", prefix="/ml/api/2.0/mlflow").status == 200


def test_the_audit_log_knows_the_client_behind_the_proxy(nginx_behind):
    company, _ = nginx_behind
    company.nobody.send(
        "POST", "/api/2.0/mlflow/experiments/create", '{"name": "from afar"}',
        content_type="application/json", x_remote_user="admin", x_forwarded_for="9.9.9.9",
    )  # fmt: skip
    [entry] = company.admin.ours("GET", "/audit/search", {"action": "CreateExperiment", "actor": "admin"})["entries"]
    assert (entry["address"], entry["via"]) == ("9.9.9.9", "proxy")
