"""Managing accounts from the command line, on a database and over HTTP."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from windlass.cli.program import program
from windlass.errors import WindlassError

PASSWORD = "correct horse battery"


@pytest.fixture(params=["database", "server"])
def windlass(request, found, monkeypatch, tmp_path):
    """Runs a command on the accounts of a company; returns what it printed."""
    company = found()
    monkeypatch.setenv("WINDLASS_HOME", str(tmp_path))
    monkeypatch.setenv("WINDLASS_AUTH", "true")
    if request.param == "server":
        monkeypatch.setenv("WINDLASS_TRACKING_URI", f"http://127.0.0.1:{company.port}")
        monkeypatch.setenv("WINDLASS_USERNAME", "admin")
        monkeypatch.setenv("WINDLASS_PASSWORD", PASSWORD)
    else:
        monkeypatch.setenv("WINDLASS_TRACKING_URI", company.settings.tracking_uri)

    def run(*arguments, stdin=None, code=0):
        result = CliRunner().invoke(program, arguments, input=stdin, catch_exceptions=True)
        if result.exception and not isinstance(result.exception, (SystemExit, WindlassError)):
            raise result.exception
        assert result.exit_code == code, result.output
        return result.output

    run.company = company
    return run


def test_accounts_are_made_changed_and_removed(windlass):
    assert "created account alice" in windlass("users", "create", "alice", stdin=f"{PASSWORD}\n{PASSWORD}\n")
    windlass("users", "create", "robot", "--service")
    windlass("users", "create", "boss", "--admin", "--password-stdin", stdin=f"{PASSWORD}\n")
    windlass("users", "set-password", "alice", "--password-stdin", stdin="another long password\n")
    windlass("users", "disable", "robot")
    listed = {one["name"]: one for one in json.loads(windlass("users", "list", "--output", "json"))}
    assert (listed["boss"]["admin"], listed["alice"]["admin"]) == ("yes", "")
    assert (listed["robot"]["kind"], listed["robot"]["stage"]) == ("service", "disabled")
    windlass("users", "enable", "robot")
    windlass("users", "make-admin", "boss", "--revoke")
    windlass("users", "delete", "boss")
    assert "boss" not in windlass("users", "list")
    windlass("users", "delete", "admin", code=1)


def test_one_may_change_the_own_password(windlass, monkeypatch):
    windlass("users", "set-password", "admin", "--password-stdin", stdin="another long password\n")
    monkeypatch.setenv("WINDLASS_PASSWORD", "another long password")
    assert "admin" in windlass("users", "list")


def test_groups_grants_and_tokens_are_managed(windlass):
    windlass("users", "create", "robot", "--service")
    windlass("groups", "create", "team", "--description", "those who do")
    windlass("groups", "add", "team", "robot")
    assert "robot" in windlass("groups", "list")
    assert "granted EDIT on experiment fraud-*" in windlass("grants", "create", "edit", "-x", "fraud-*", "-g", "team")
    windlass("grants", "create", "READ", "-m", "*", "-u", "robot")
    rows = json.loads(windlass("grants", "list", "--output", "json"))
    assert [(one["who"], one["permission"], one["resource"]) for one in rows] == [
        ("group team", "EDIT", "fraud-*"), ("robot", "READ", "*")
    ]  # fmt: skip
    windlass("grants", "delete", str(rows[1]["id"]))
    assert len(json.loads(windlass("grants", "list", "--output", "json"))) == 1
    made = json.loads(windlass("tokens", "create", "ci", "-u", "robot", "--read-only", "--output", "json"))
    client = type(windlass.company.nobody)(windlass.company.port, {"authorization": f"Bearer {made['token']}"})
    import time

    end = time.monotonic() + 5
    while client.status("GET", "/users/current") != 200 and time.monotonic() < end:
        time.sleep(0.1)
    assert client.status("GET", "/users/current") == 200
    assert made["about"]["id"] in windlass("tokens", "list")
    windlass("tokens", "delete", made["about"]["id"])
    windlass("groups", "remove", "team", "robot")
    windlass("groups", "delete", "team")


def test_the_log_is_shown_and_checked(windlass):
    windlass("users", "create", "robot", "--service")
    windlass("groups", "create", "team")
    shown = windlass("audit", "--action", "Create*", "--since", "1h")
    assert "CreateAccount" in shown
    assert "group/team" in shown
    [entry] = json.loads(windlass("audit", "--resource", "user/robot", "--json"))
    assert entry["after"]["username"] == "robot"
    assert windlass("audit", "--since", "2099-01-01").strip() in {"", "no entries"}
    assert "2 entries" in windlass("audit", "--verify")
    windlass.company.workspace.records.delete("audit.log", f"{1:016d}")
    assert "entries 1 to 1 are missing" in windlass("audit", "--verify", code=1)
