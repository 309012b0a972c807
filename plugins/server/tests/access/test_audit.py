"""The audit log: what is in it, and that nobody alters it unseen."""

from __future__ import annotations

import json
import subprocess
import sys
import threading

import pytest

from windlass.builtin.memory_records import MemoryRecordStore
from windlass.config import Settings
from windlass.errors import Unavailable
from windlass.services.workspace import Workspace
from windlass.uri import Uri
from windlass_server.access.audit import AuditLog, problems

OURS = "/api/windlass/v1"


def entries(company, **values):
    return company.admin.ours("GET", "/audit/search", {"max_results": 1000, **values})["entries"]


def test_a_change_is_kept_with_who_what_where_and_how_it_was_before(company):
    alice = company.hire()
    experiment = alice.experiment()
    alice.send("POST", "/api/2.0/mlflow/experiments/update",
               json.dumps({"experiment_id": experiment, "new_name": f"renamed-{alice.username}"}),
               content_type="application/json", x_request_id="request-7")  # fmt: skip
    renamed, created = entries(company, actor=alice.username)
    assert (renamed["action"], renamed["resource"], renamed["result"]) == (
        "UpdateExperiment", f"experiment/{experiment}", "done"
    )  # fmt: skip
    assert (renamed["via"], renamed["address"], renamed["request_id"]) == ("password", "127.0.0.1", "request-7")
    assert renamed["after"]["name"] == f"renamed-{alice.username}"
    assert renamed["before"]["name"] != renamed["after"]["name"]
    assert (created["action"], created["resource"]) == ("CreateExperiment", f"experiment/{experiment}")


def test_what_was_denied_or_refused_is_kept_too(closed):
    alice, bob = closed.hire(), closed.hire()
    experiment = alice.experiment()
    bob.status("POST", "/experiments/delete", {"experiment_id": experiment})
    alice.status("POST", "/experiments/restore", {"experiment_id": experiment})
    assert [one["result"] for one in entries(closed, actor=bob.username)] == ["denied"]
    assert entries(closed, actor=alice.username)[0]["result"] == "refused: conflict"


def test_what_a_run_logs_is_its_own_record(company, found):
    alice = company.hire()
    run = alice.run(alice.experiment())
    metric = {"run_id": run, "key": "m", "value": 1.0, "timestamp": 1}
    alice.do("POST", "/runs/log-metric", metric)
    assert "LogMetric" not in {one["action"] for one in entries(company, actor=alice.username)}
    thorough = found(audit="all")
    bob = thorough.hire()
    bob.do("POST", "/runs/log-metric", {**metric, "run_id": bob.run(bob.experiment())})
    assert "LogMetric" in {one["action"] for one in entries(thorough, actor=bob.username)}


def test_secrets_are_never_kept(company):
    alice = company.hire()
    secret = alice.ours("POST", "/tokens/create", {"name": "t"})["token"]
    change = {"username": alice.username, "password": "a password to be kept secret"}
    company.admin.do("PATCH", "/users/update-password", change)
    kept = str([one.value for one in company.workspace.records.list("audit.log")])
    assert "UpdateUserPassword" in kept
    for one in (secret, "a password to be kept secret", "$argon2"):
        assert one not in kept


def test_removing_files_is_kept(company):
    alice = company.hire()
    experiment = alice.experiment()
    path = f"{experiment}/{alice.run(experiment)}/artifacts/a.txt"
    alice.send("PUT", f"/api/2.0/mlflow-artifacts/artifacts/{path}", b"x")
    assert alice.send("DELETE", f"/api/2.0/mlflow-artifacts/artifacts/{path}").status == 200
    newest = entries(company, actor=alice.username)[0]
    assert (newest["resource"], newest["result"]) == (f"file/{path}", "done")


def test_entries_are_found_by_actor_action_resource_and_time(company):
    alice = company.hire()
    experiment = alice.experiment()
    alice.model()
    first = entries(company, actor=alice.username, action="Create*")
    assert len(first) == 2
    assert len(entries(company, actor=alice.username, action="CreateRegisteredModel")) == 1
    assert len(entries(company, resource=f"experiment/{experiment}")) == 1
    assert entries(company, actor=alice.username, since=first[0]["time"] + 1) == []
    assert entries(company, actor=alice.username, until=first[1]["time"] - 1) == []


def test_pages_of_the_log_hang_together(company):
    alice = company.hire()
    for _ in range(5):
        alice.experiment()
    found, token = [], None
    while True:
        values = {"actor": alice.username, "max_results": 2, **({"page_token": token} if token else {})}
        page = company.admin.ours("GET", "/audit/search", values)
        found += [one["number"] for one in page["entries"]]
        token = page.get("next_page_token")
        if not token:
            break
    assert found == sorted(set(found), reverse=True)
    assert len(found) == 5


def test_nothing_is_changed_while_the_log_cannot_be_written(found, monkeypatch):
    company = found()
    alice = company.hire()
    records = type(company.workspace.records)
    original = records.get

    def broken(self, collection, key):
        if collection == "audit.head":
            raise Unavailable("the database is gone")
        return original(self, collection, key)

    monkeypatch.setattr(records, "get", broken)
    assert alice.status("POST", "/experiments/create", {"name": "unseen"}) == 503
    monkeypatch.undo()
    assert alice.status("GET", "/experiments/get-by-name", {"experiment_name": "unseen"}) == 404


@pytest.fixture
def store():
    return MemoryRecordStore.open(Uri.parse("memory://"), Settings())


@pytest.fixture
def log(store):
    log = AuditLog(store)
    for number in range(6):
        log.append({"action": f"a{number}"})
    return log


def test_a_whole_log_has_no_problems(log):
    count, last, found = problems(log)
    assert (count, last, found) == (6, log.head()[1], [])


def _change(store, key, text):
    value = dict(store.get("audit.log", key).value)
    store.put("audit.log", key, {**value, "text": value["text"].replace("a2", text)})


@pytest.mark.parametrize(
    ("tamper", "problem"),
    [
        (lambda store: store.delete("audit.log", f"{3:016d}"), "entries 3 to 3 are missing"),
        (lambda store: _change(store, f"{3:016d}", "b2"), "entry 3 was changed"),
        (lambda store: store.delete("audit.log", f"{6:016d}"), "entries 6 to 6 are missing at the end"),
        (lambda store: store.delete("audit.log", f"{1:016d}"), "entries 1 to 1 are missing"),
    ],
)
def test_what_was_tampered_with_shows(store, log, tamper, problem):
    tamper(store)
    assert problem in problems(log)[2]
    AuditLog(store).append({"action": "later"})
    assert any(problem.split(" at ")[0] in one for one in problems(log)[2])


def test_an_entry_that_was_written_anew_with_its_hash_shows(store, log):
    from windlass_server.access.audit import _entry

    forged = _entry(3, json.loads(store.get("audit.log", f"{3:016d}").value["text"])["previous"], {"action": "forged"})
    store.put("audit.log", f"{3:016d}", {"text": forged.text, "hash": forged.hash})
    assert "entry 4 does not follow entry 3" in problems(log)[2]


def test_several_processes_write_one_chain(store):
    logs = [AuditLog(store) for _ in range(4)]

    def write(log, name):
        for number in range(25):
            log.append({"action": f"{name} {number}"})

    threads = [threading.Thread(target=write, args=(log, name)) for name, log in enumerate(logs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    count, _, found = problems(logs[0])
    assert (count, found) == (100, [])


APPENDER = """
import sys
from windlass.config import Settings
from windlass.services.workspace import Workspace
from windlass_server.access.audit import AuditLog
with Workspace.open(Settings(tracking_uri=sys.argv[1])) as workspace:
    log = AuditLog(workspace.records)
    for number in range(40):
        log.append({"action": f"{sys.argv[2]} {number}"})
"""


def test_processes_on_one_database_write_one_chain(tmp_path):
    uri = f"sqlite:///{tmp_path}/one.db"
    with Workspace.open(Settings(tracking_uri=uri)) as workspace:
        writers = [subprocess.Popen([sys.executable, "-c", APPENDER, uri, name]) for name in "abc"]
        assert [one.wait(60) for one in writers] == [0, 0, 0]
        count, _, found = problems(AuditLog(workspace.records))
        assert (count, found) == (120, [])


def test_the_endpoint_says_whether_the_log_is_whole(found):
    company = found()
    company.hire().experiment()
    assert company.admin.ours("GET", "/audit/verify")["problems"] == []
    company.workspace.records.delete("audit.log", f"{1:016d}")
    assert company.admin.ours("GET", "/audit/verify")["problems"] == ["entries 1 to 1 are missing"]
