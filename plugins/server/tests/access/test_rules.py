"""Every route has a rule, and the rules keep out whoever they should."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from typing import get_type_hints
from urllib.parse import urlencode

import pytest
from litestar import get

from windlass.wire import (
    audit,
    dataset,
    deployment,
    experiment,
    export,
    grant,
    group,
    logged_model_request,
    model_version,
    permission,
    registered_model,
    retention,
    run_request,
    token,
    user,
)
from windlass_server.access.rule import Who
from windlass_server.access.rules import HANDLERS, RULES
from windlass_server.access.sign_in import handler_rule
from windlass_server.endpoint import MESSAGE

PUBLIC = {
    "/health", "/ready", "/api/3.0/mlflow/server-info", "/login", "/login/start", "/login/callback", "/logout",
    "/api/2.0/mlflow-artifacts/mpu/part/{path}",
}  # fmt: skip
FOR_ALL_ACCOUNTS = {
    experiment.CreateExperiment, experiment.SearchExperiments, experiment.ListExperiments, dataset.SearchDatasets,
    run_request.SearchRuns, run_request.SelectRuns, logged_model_request.SearchLoggedModels,
    registered_model.CreateRegisteredModel, registered_model.SearchRegisteredModels,
    registered_model.ListRegisteredModels, model_version.SearchModelVersions,
    export.ExportRuns, export.ExportMetrics, retention.ListRetention,
    deployment.BeginDeploymentChange, deployment.EndDeploymentChange,
    deployment.ListDeployments, deployment.ListDeploymentChanges,
    user.ListUsers, user.GetCurrentUser, group.ListGroups, permission.ListCurrentUserPermissions,
}  # fmt: skip
"""What an account without any permission may ask: the answer holds only what it may know."""
HANDLERS_FOR_ALL_ACCOUNTS = {"signed in", "filtered"}


def routes(app):
    """Every path with its method and its handler."""
    for route in app.routes:
        for method, (handler, _) in route.route_handler_map.items():
            if method != "OPTIONS":
                yield method, route.path_format, handler


def rule_of(handler):
    kind = handler.opt.get(MESSAGE)
    return handler_rule(handler.opt) if kind is None else RULES[kind]


def test_every_route_of_every_plugin_has_a_rule(company):
    seen = list(routes(company.app))
    assert len(seen) > 120
    assert "/schema/openapi.json" in {path for _, path, _ in seen}
    missing = []
    for method, path, handler in seen:
        kind = handler.opt.get(MESSAGE)
        if (kind not in RULES) if kind else (handler.opt.get("access") not in HANDLERS):
            missing.append(f"{method} {path}")
    assert missing == []


def test_only_what_is_listed_here_needs_no_account(company):
    found = {path for _, path, handler in routes(company.app) if rule_of(handler).who is Who.ANYBODY}
    assert found == PUBLIC


def test_nobody_gets_anything_without_signing_in(company):
    for method, path, handler in routes(company.app):
        if rule_of(handler).who is Who.ANYBODY:
            continue
        seen = company.nobody.send(method, path.replace("{", "").replace("}", ""))
        assert seen.status == 401, f"{method} {path}: {seen.status}"


@pytest.fixture(scope="module")
def theirs(closed):
    """Things of somebody else, by the names of the fields that name them."""
    alice = closed.hire()
    experiment_id, name = alice.experiment(), alice.model()
    run_id = alice.run(experiment_id)
    made = alice.do("POST", "/logged-models", {"experiment_id": experiment_id})["model"]["info"]
    source = f"mlflow-artifacts:/{experiment_id}/{run_id}/artifacts"
    alice.do("POST", "/model-versions/create", {"name": name, "source": source, "run_id": run_id})
    secret = alice.ours("POST", "/tokens/create", {"name": "theirs"})
    title = closed.admin.do("GET", "/experiments/get", {"experiment_id": experiment_id})["experiment"]["name"]
    return {
        "experiment_id": experiment_id, "experiment_ids": [experiment_id], "experiment_name": title,
        "run_id": run_id, "run_ids": [run_id], "source_run_id": run_id, "model_id": made["model_id"],
        "name": name, "version": "1", "username": alice.username, "path": f"{experiment_id}/{run_id}/artifacts/x",
        "directory": f"{experiment_id}/{run_id}/artifacts", "source": source,
        "resource_type": "experiment", "resource_id": experiment_id, "resource": experiment_id,
        "permission": "READ", "id": secret["about"]["id"], "status": "FINISHED", "role_id": 1, "tag_key": "k",
        "webhook_id": "1", "events": [{"entity": "run", "action": "created"}],
    }  # fmt: skip


def request_of(kind, values):
    """A message about somebody else's things, as far as fields are needed or known."""
    hints, found = get_type_hints(kind), {}
    for one in fields(kind):
        if (kind, one.name) == (logged_model_request.FinalizeLoggedModel, "status"):
            found["status"] = "LOGGED_MODEL_READY"
        elif one.name in values and not (one.name == "id" and kind is grant.DeleteGrant):
            found[one.name] = values[one.name]
            if getattr(hints[one.name], "__origin__", None) is tuple and not isinstance(found[one.name], list):
                found[one.name] = [found[one.name]]
        elif one.default is MISSING and one.default_factory is MISSING:
            found[one.name] = {bool: True, float: 1.0, int: 1}.get(hints[one.name], "1")
    return found


def test_an_account_without_permission_gets_nothing_of_others(closed, theirs):
    bob = closed.hire()
    let_in = []
    for method, template, handler in routes(closed.app):
        path, kind = template, handler.opt.get(MESSAGE)
        if kind in FOR_ALL_ACCOUNTS or rule_of(handler).who is Who.ANYBODY:
            continue
        if kind is None and handler.opt["access"] in HANDLERS_FOR_ALL_ACCOUNTS:
            continue
        values = (
            request_of(kind, theirs) if kind else {key: theirs[key] for key in ("run_id", "name", "version", "path")}
        )
        path = path.format(**theirs)
        if method == "GET":
            seen = bob.send(method, f"{path}?{urlencode(values, doseq=True)}")
        else:
            seen = bob.send(method, f"{path}?{urlencode(values)}" if kind is None else path, json.dumps(values))
        # A token of somebody else is as if it did not exist.
        if seen.status != (404 if kind is token.DeleteToken else 403):
            let_in.append(f"{method} {path}: {seen.status} {seen.body[:200]}")
    assert let_in == []


def test_a_new_route_without_a_rule_is_refused(found, monkeypatch):
    @get("/forgotten")
    async def forgotten() -> str:
        return "secret"

    company = found()
    company.app.register(forgotten)
    for client in (company.admin, company.nobody):
        seen = client.send("GET", "/forgotten")
        assert (seen.status, seen.json["error_code"]) == (403, "PERMISSION_DENIED")


def test_a_message_without_a_rule_is_refused(found, monkeypatch):
    from windlass_server.access import gate, rules

    company = found()
    kept = {kind: rule for kind, rule in rules.RULES.items() if kind is not experiment.GetExperiment}
    monkeypatch.setattr("windlass_server.access.sign_in.RULES", kept)
    monkeypatch.setattr(gate, "RULES", kept)
    assert company.admin.status("GET", "/experiments/get", {"experiment_id": "0"}) == 403


def test_the_audit_log_is_for_administrators(closed):
    assert RULES[audit.SearchAudit].who is Who.ADMIN
    assert closed.hire().send("GET", "/api/windlass/v1/audit/search").status == 403
