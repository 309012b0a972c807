"""Accounts, tokens and signing in, over HTTP."""

from __future__ import annotations

import base64
import time

import pytest

from windlass.errors import InvalidValue
from windlass_server.access.passwords import hash_password

PASSWORD = "correct horse battery"


def basic(username, password):
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def bearer(client, secret):
    return type(client)(client.port, {"authorization": f"Bearer {secret}"})


def test_a_server_without_an_administrator_does_not_start(found):
    with pytest.raises(InvalidValue, match="admin_password") as error:
        found(admin_password=None)
    assert "WINDLASS_ADMIN_PASSWORD" in str(error.value)


@pytest.mark.parametrize("password", ["", "short", "elevenchars"])
def test_a_short_password_is_refused_and_not_repeated(company, password):
    seen = company.admin.ask("POST", "/users/create", {"username": "carol", "password": password})
    assert (seen.status, seen.json["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert "12" in seen.json["message"]
    assert not password or password.encode() not in seen.body


def test_passwords_are_kept_as_argon2_hashes(company):
    alice = company.hire()
    kept = company.workspace.records.get("access.users", alice.username).value["password"]
    assert kept.startswith("$argon2id$")
    assert hash_password(PASSWORD) != kept


@pytest.mark.parametrize("username", ["", "a:b", " a", "a\n", "a\x00"])
def test_a_name_that_cannot_sign_in_is_refused(company, username):
    assert company.admin.status("POST", "/users/create", {"username": username, "password": PASSWORD}) == 400


def test_a_name_is_taken_once(company):
    alice = company.hire()
    seen = company.admin.ask("POST", "/users/create", {"username": alice.username, "password": PASSWORD})
    assert seen.json["error_code"] == "RESOURCE_ALREADY_EXISTS"


def test_a_changed_password_counts_at_once(company, found):
    alice = company.hire()
    assert alice.status("GET", "/users/current") == 200
    change = {"username": alice.username, "password": "another long one"}
    assert alice.status("PATCH", "/users/update-password", change) == 400
    assert alice.status("PATCH", "/users/update-password", {**change, "current_password": "wrong"}) == 400
    assert alice.status("PATCH", "/users/update-password", {**change, "current_password": PASSWORD}) == 200
    assert alice.status("GET", "/users/current") == 401


def test_only_an_administrator_changes_the_password_of_others(company):
    alice, bob = company.hire(), company.hire()
    change = {"username": alice.username, "password": "another long one", "current_password": PASSWORD}
    assert bob.status("PATCH", "/users/update-password", change) == 403
    assert company.admin.status("PATCH", "/users/update-password", change) == 200


def test_a_disabled_account_is_locked_out(company):
    alice = company.hire()
    company.admin.ours("POST", "/users/update", {"username": alice.username, "is_disabled": True})
    assert alice.status("GET", "/users/current") == 401
    company.admin.ours("POST", "/users/update", {"username": alice.username, "is_disabled": False})
    assert alice.status("GET", "/users/current") == 200


def test_the_last_administrator_stays(found):
    admin = found().admin
    for method, path, values in (
        ("DELETE", "/users/delete", {"username": "admin"}),
        ("PATCH", "/users/update-admin", {"username": "admin", "is_admin": False}),
    ):
        assert "last administrator" in admin.ask(method, path, values).json["message"]
    values = {"username": "admin", "is_disabled": True}
    assert admin.status("POST", "/users/update", values, "/api/windlass/v1") == 400
    assert admin.status("GET", "/users/current") == 200


def test_a_removed_account_leaves_nothing_to_a_later_one(closed):
    alice, bob = closed.hire("leaving"), closed.hire()
    experiment = bob.experiment()
    closed.grant(alice, "experiment", experiment, "READ")
    secret = alice.ours("POST", "/tokens/create", {"name": "t"})["token"]
    closed.admin.do("DELETE", "/users/delete", {"username": "leaving"})
    assert alice.status("GET", "/users/current") == 401
    assert bearer(alice, secret).status("GET", "/users/current") == 401
    again = closed.hire("leaving")
    assert again.status("GET", "/experiments/get", {"experiment_id": experiment}) == 403


def test_a_token_signs_in_as_bearer_and_as_password(company):
    alice = company.hire()
    made = alice.ours("POST", "/tokens/create", {"name": "ci"})
    assert made["token"].startswith("wl_")
    assert made["about"]["expires"] > time.time() * 1000
    current = bearer(alice, made["token"]).do("GET", "/users/current")
    assert current["user"]["username"] == alice.username
    with_token = type(alice)(alice.port, {"authorization": basic(alice.username, made["token"])})
    assert with_token.status("GET", "/users/current") == 200
    other = type(alice)(alice.port, {"authorization": basic("admin", made["token"])})
    assert other.status("GET", "/users/current") == 401


def test_a_secret_is_shown_once_and_kept_as_a_hash(company):
    alice = company.hire()
    secret = alice.ours("POST", "/tokens/create", {"name": "ci"})["token"]
    listed = alice.ours("GET", "/tokens/list")["tokens"]
    assert [one["name"] for one in listed] == ["ci"]
    kept = [one.value for one in company.workspace.records.list("access.tokens")]
    audited = [one.value for one in company.workspace.records.list("audit.log", descending=True)]
    assert secret not in str([listed, kept, audited])


def test_a_read_only_token_changes_nothing(company):
    alice = company.hire()
    experiment = alice.experiment()
    token = bearer(alice, alice.ours("POST", "/tokens/create", {"name": "r", "read_only": True})["token"])
    assert token.status("GET", "/experiments/get", {"experiment_id": experiment}) == 200
    assert token.status("POST", "/runs/create", {"experiment_id": experiment}) == 403
    assert token.status("POST", "/experiments/create", {"name": "by a reader"}) == 403
    assert token.status("POST", "/tokens/create", {"name": "more"}, "/api/windlass/v1") == 403
    change = {"username": alice.username, "password": "another long one", "current_password": PASSWORD}
    assert token.status("PATCH", "/users/update-password", change) == 403


def test_a_scoped_token_reaches_only_what_it_is_for(company):
    alice = company.hire()
    name = f"fraud-{alice.username}"
    fraud, other = alice.experiment(name), alice.experiment()
    made = alice.ours("POST", "/tokens/create", {"name": "s", "resources": ["experiment:fraud-*"]})
    token = bearer(alice, made["token"])
    assert token.status("POST", "/runs/create", {"experiment_id": fraud}) == 200
    assert token.status("POST", "/runs/create", {"experiment_id": other}) == 403
    assert token.status("POST", "/experiments/create", {"name": f"other-{alice.username}"}) == 403
    found = token.do("POST", "/experiments/search", {}).get("experiments", [])
    assert all(one["name"].startswith("fraud-") for one in found)
    assert name in {one["name"] for one in found}


def test_an_administrators_narrow_token_is_no_administrators(company):
    made = company.admin.ours("POST", "/tokens/create", {"name": "s", "read_only": True})
    token = bearer(company.admin, made["token"])
    assert token.status("POST", "/experiments/search", {}) == 200
    assert token.status("POST", "/users/create", {"username": "mallory", "password": PASSWORD}) == 403
    assert token.status("GET", "/audit/search", {}, "/api/windlass/v1") == 403


def test_an_expired_or_deleted_token_is_worthless(company, monkeypatch):
    alice = company.hire()
    made = alice.ours("POST", "/tokens/create", {"name": "t", "days": 1})
    token = bearer(alice, made["token"])
    assert token.status("GET", "/users/current") == 200
    alice.ours("POST", "/tokens/delete", {"id": made["about"]["id"]})
    assert token.status("GET", "/users/current") == 401
    made = alice.ours("POST", "/tokens/create", {"name": "t", "days": 1})
    later = time.time_ns() // 1_000_000 + 25 * 60 * 60 * 1000
    monkeypatch.setattr("windlass_server.access.credentials.now_ms", lambda: later)
    seen = bearer(alice, made["token"]).ask("GET", "/users/current")
    assert (seen.status, "expired" in seen.json["message"]) == (401, True)


def test_a_service_account_has_no_password(company):
    company.admin.ours("POST", "/users/create", {"username": "robot"})
    assert company.admin.do("GET", "/users/get", {"username": "robot"})["user"]["is_service"]
    for password in ("", "None", PASSWORD):
        robot = type(company.admin)(company.port, {"authorization": basic("robot", password)})
        assert robot.status("GET", "/users/current") == 401
    secret = company.admin.ours("POST", "/tokens/create", {"name": "t", "username": "robot"})["token"]
    assert bearer(company.admin, secret).do("GET", "/users/current")["user"]["username"] == "robot"


def test_guessing_is_slowed_down_and_the_owner_goes_on(found):
    company = found()
    alice = company.hire()
    assert alice.status("GET", "/users/current") == 200
    statuses = []
    for number in range(12):
        guess = type(alice)(company.port, {"authorization": basic(alice.username, f"guess number {number}")})
        seen = guess.ask("GET", "/users/current")
        statuses.append(seen.status)
    assert statuses == [401] * 10 + [429] * 2
    assert int(seen.headers["retry-after"]) > 200
    assert alice.status("GET", "/users/current") == 200


def test_what_is_no_credential_is_refused(company):
    for header in ("Basic ???", "Basic YWJj", "Bearer nonsense", "Bearer wl_nonsense", "Digest x", "Basic"):
        client = type(company.nobody)(company.port, {"authorization": header})
        assert client.status("GET", "/users/current") == 401


def test_another_process_sees_a_change_within_seconds(found, plugins):
    from windlass.services.workspace import Workspace
    from windlass_server.access.access import accounts_of

    company = found()
    alice = company.hire()
    with Workspace.open(company.settings, plugins) as other:
        accounts = accounts_of(other, company.settings)
        accounts.users.set_disabled(alice.username, is_disabled=True)
    end = time.monotonic() + 5
    while alice.status("GET", "/users/current") == 200 and time.monotonic() < end:
        time.sleep(0.1)
    assert alice.status("GET", "/users/current") == 401
