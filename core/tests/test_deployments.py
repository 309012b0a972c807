"""Deployments: what is logged, checked, taken back, rolled back, split and planned, on a target made of paper."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest

import windlass
from windlass import Kind, Provider, hookimpl
from windlass.cli import main
from windlass.config import Settings
from windlass.entities import ChangeAction, ChangeState, DeploymentChange, DeploymentKey
from windlass.errors import AlreadyExists, InvalidValue, NotFound, PluginError, Unavailable, Unsupported
from windlass.plugins import PluginManager
from windlass.services.deployments.check import HealthCheck
from windlass.services.deployments.declared import read_declared
from windlass.services.deployments.plan import PlannedAction, Planner
from windlass.services.workspace import Workspace
from windlass.testing.paper_target import PAPERS, Paper, PlainPaperTarget

EXAMPLE = {"inputs": [1]}


@pytest.fixture
def told():
    """What the hooks were told."""
    return []


@pytest.fixture
def manager(told):
    """Core's own plugins, and the targets made of paper."""

    @hookimpl
    def windlass_providers():
        return [
            Provider(Kind.DEPLOYMENT_TARGET, ("paper",), "windlass.testing.paper_target:PaperTarget", "All abilities."),
            Provider(Kind.DEPLOYMENT_TARGET, ("plain",), "windlass.testing.paper_target:PlainPaperTarget", "None."),
        ]

    @hookimpl
    def windlass_deployment_created(deployment):
        told.append(("created", deployment.name, deployment.resolved_uri, deployment.url))

    @hookimpl
    def windlass_deployment_updated(deployment):
        told.append(("updated", deployment.name, deployment.resolved_uri, deployment.url))

    @hookimpl
    def windlass_deployment_deleted(name, target):
        told.append(("deleted", name, target))

    manager = PluginManager()
    manager.register(
        SimpleNamespace(
            __name__="paper",
            windlass_providers=windlass_providers,
            windlass_deployment_created=windlass_deployment_created,
            windlass_deployment_updated=windlass_deployment_updated,
            windlass_deployment_deleted=windlass_deployment_deleted,
        )
    )
    PAPERS.clear()
    return manager


@pytest.fixture
def opened(manager, tmp_path):
    """A workspace that knows the targets."""
    settings = Settings(tracking_uri="memory://", home=tmp_path / "home")
    with Workspace.open(settings, manager) as workspace:
        yield workspace


@pytest.fixture
def service(opened):
    return opened.deployments


@pytest.fixture
def model(opened, tmp_path):
    """Registers the next version of a model that answers something, and returns its URI."""

    def make(answer, *, example=None, name="m"):
        directory = tmp_path / f"model-{answer}"
        directory.mkdir()
        (directory / "answer.json").write_text(json.dumps(answer))
        if example is not None:
            (directory / "serving_input_example.json").write_text(json.dumps(example))
        if not any(one.name == name for one in opened.registered_models.search(max_results=10)):
            opened.registered_models.create(name)
        version = opened.model_versions.create(name, directory.as_uri())
        return f"models:/{name}/{version.version}"

    return make


def states(service, name="one", target="paper"):
    return [(one.action, one.state, one.resolved_uri) for one in service.history(target, name)]


def test_every_change_is_logged_with_who_and_what(service, model, told):
    first, second = model(1), model(2)
    service.create("paper", "one", first, config={"size": "3"})
    service.update("paper", "one", "models:/m/latest")
    service.delete("paper", "one")
    assert states(service) == [("DELETE", "DONE", second), ("UPDATE", "DONE", second), ("CREATE", "DONE", first)]
    newest, middle, oldest = service.history("paper", "one")
    assert (oldest.number, oldest.model_uri, oldest.flavor, oldest.config) == (
        1,
        first,
        "python_function",
        {"size": "3"},
    )
    assert (middle.model_uri, middle.config, middle.url) == ("models:/m/latest", {"size": "3"}, "paper://one")
    assert oldest.user
    assert 0 < oldest.start_time <= oldest.end_time <= middle.start_time <= newest.end_time
    assert told == [
        ("created", "one", first, "paper://one"),
        ("updated", "one", second, "paper://one"),
        ("deleted", "one", "paper"),
    ]


def test_what_is_deployed_anywhere_is_listed_until_it_is_gone(service, model):
    uri = model(1)
    for target, name in (("paper", "b"), ("plain", "a"), ("paper", "a"), ("paper:/elsewhere", "a")):
        service.create(target, name, uri)
    service.delete("paper", "a")
    assert [(one.key.target, one.key.name) for one in service.recorded()] == [
        ("paper", "b"), ("paper:/elsewhere", "a"), ("plain", "a"),
    ]  # fmt: skip


def test_what_failed_does_not_hide_what_is_there(service, model):
    uri = model(1)
    service.create("paper", "one", uri)
    with pytest.raises(AlreadyExists):
        service.create("paper", "one", uri)
    PAPERS["paper"].refuse = "write"
    for attempt in (lambda: service.update("paper", "one", model(2)), lambda: service.create("paper", "two", uri)):
        with pytest.raises(Unavailable):
            attempt()
    assert [(one.key.name, one.action, one.state) for one in service.recorded()] == [("one", "CREATE", "DONE")]
    assert [one.state for one in service.history("paper", "one")] == ["FAILED", "FAILED", "DONE"]


def test_the_password_of_a_target_is_not_written_down(service, model):
    service.create("paper:/http://user:secret@host/x", "one", model(1))
    assert [one.key.target for one in service.recorded()] == ["paper:/http://host/x"]
    assert len(service.history("paper:/http://user:secret@host/x", "one")) == 1


def test_the_example_of_a_model_is_asked_after_each_change(service, model):
    service.create("paper", "one", model(1, example=EXAMPLE))
    service.update("paper", "one", model(2))
    assert PAPERS["paper"].asked == [EXAMPLE]
    service.update("paper", "one", model(3, example=EXAMPLE), check=None)
    service.update("paper", "one", model(4), check=HealthCheck({"inputs": [7]}))
    assert PAPERS["paper"].asked == [EXAMPLE, {"inputs": [7]}]


def test_an_example_that_no_server_takes_is_no_illness_but_a_request_that_was_given_must_be_answered(service, model):
    service.create("paper", "one", model(1, example={"messages": []}))
    with pytest.raises(Unavailable, match="was refused"):
        service.update("paper", "one", check=HealthCheck({"messages": []}))


def test_a_creation_that_fails_its_check_leaves_nothing(service, model, told):
    with pytest.raises(Unavailable, match="failed its health check: the model failed; it was deleted again"):
        service.create("paper", "one", model(None, example=EXAMPLE))
    assert PAPERS["paper"].deployments == {}
    assert states(service) == [("CREATE", "ROLLED_BACK", "models:/m/1")]
    assert told == []


def test_an_update_that_fails_its_check_is_taken_back(service, model, told):
    good = model(1, example=EXAMPLE)
    service.create("paper", "one", good, config={"size": "2"})
    with pytest.raises(Unavailable, match=f"{good} was deployed again"):
        service.update("paper", "one", model(None, example=EXAMPLE), config={"size": "5"})
    present = service.get("paper", "one")
    assert (present.resolved_uri, present.config) == (good, {"size": "2"})
    assert service.predict("paper", "one", EXAMPLE) == 1
    assert [state for _, state, _ in states(service)] == ["ROLLED_BACK", "DONE"]
    assert len(told) == 1


def test_what_a_target_does_not_wait_for_is_not_checked(service, model, monkeypatch):
    write = PlainPaperTarget._write
    monkeypatch.setattr(
        PlainPaperTarget, "_write", lambda *args, **more: replace(write(*args, **more), status="CREATING")
    )
    assert service.create("paper", "one", model(None, example=EXAMPLE)).status == "CREATING"
    assert PAPERS["paper"].asked == []


def test_a_check_goes_on_for_as_long_as_it_is_told(service, model, monkeypatch):
    service.create("paper", "one", model(1, example=EXAMPLE))
    asked = PAPERS["paper"].asked

    def predict(self, name, payload):
        asked.append(payload)
        if len(asked) >= 4:
            raise Unavailable("it became sick")
        return 1

    monkeypatch.setattr("windlass.testing.paper_target.PlainPaperTarget.predict", predict)
    monkeypatch.setattr("windlass.services.deployments.check.time.sleep", lambda seconds: None)
    with pytest.raises(Unavailable, match="it became sick"):
        service.update("paper", "one", model(2, example=EXAMPLE), check=HealthCheck(seconds=30))
    assert service.get("paper", "one").resolved_uri == "models:/m/1"


def test_what_cannot_be_taken_back_says_so(service, model, monkeypatch):
    service.create("paper", "one", model(1))

    def predict(self, name, payload):
        self._paper.refuse = "write"
        raise Unavailable("no")

    monkeypatch.setattr("windlass.testing.paper_target.PlainPaperTarget.predict", predict)
    with pytest.raises(Unavailable, match="could not be restored: the paper refuses to write"):
        service.update("paper", "one", model(2, example=EXAMPLE))
    assert states(service)[0][:2] == ("UPDATE", "FAILED")


def test_a_target_that_fails_is_in_the_history(service, model):
    PAPERS["paper"] = Paper(refuse="write")
    with pytest.raises(Unavailable):
        service.create("paper", "one", model(1))
    (only,) = service.history("paper", "one")
    assert (only.state, only.message) == ("FAILED", "the paper refuses to write")


def test_a_rollback_brings_the_version_before(service, model):
    uris = [model(number) for number in range(1, 4)]
    service.create("paper", "one", uris[0])
    for uri in (uris[1], uris[1], uris[2]):
        service.update("paper", "one", uri)
    assert service.rollback("paper", "one").resolved_uri == uris[1]
    assert service.rollback("paper", "one").resolved_uri == uris[2]
    assert service.rollback("paper", "one", to=1).resolved_uri == uris[0]
    with pytest.raises(NotFound, match=r"has no version 9 \(known: 7, 6, 5, 4, 3, 2, 1\)"):
        service.rollback("paper", "one", to=9)


def test_a_rollback_has_the_options_of_then(service, model):
    uri = model(1)
    service.create("paper", "one", uri, config={"size": "2"})
    service.update("paper", "one", config={"size": "9"})
    assert service.rollback("paper", "one").config == {"size": "2"}


def test_what_has_no_version_before_is_not_rolled_back(service, model):
    with pytest.raises(NotFound):
        service.rollback("paper", "one")
    service.create("paper", "one", model(1))
    service.delete("paper", "one")
    service.create("paper", "one", model(2))
    with pytest.raises(NotFound, match="no version before models:/m/2"):
        service.rollback("paper", "one")


def test_a_canary_grows_until_it_is_the_deployment(service, model, told):
    first, second = model(1), model(2)
    service.create("paper", "one", first)
    made = service.start_canary("paper", "one", second, percent=10)
    assert (made.resolved_uri, made.canary.resolved_uri, made.canary.percent) == (first, second, 10)
    assert service.set_canary("paper", "one", 50).canary.percent == 50
    made = service.set_canary("paper", "one", 100)
    assert (made.resolved_uri, made.canary) == (second, None)
    assert [one.percent for one in service.history("paper", "one")] == [100, 50, 10, None]
    assert service.rollback("paper", "one").resolved_uri == first


def test_what_was_a_canary_has_its_own_options_when_it_is_rolled_back_to(service, model):
    first, second = model(1), model(2)
    service.create("paper", "one", first, config={"size": "1"})
    service.start_canary("paper", "one", second, percent=10, config={"size": "7"})
    assert [(one.action, one.resolved_uri) for one in service.recorded()] == [("CREATE", first)]
    service.set_canary("paper", "one", 100)
    assert [(one.action, one.resolved_uri) for one in service.recorded()] == [("UPDATE", second)]
    service.update("paper", "one", first, config={})
    made = service.rollback("paper", "one")
    assert (made.resolved_uri, made.config) == (second, {"size": "7"})


def test_a_canary_that_was_taken_away_is_not_what_is_deployed(service, model):
    service.create("paper", "one", model(1))
    service.start_canary("paper", "one", model(2), percent=10)
    service.set_canary("paper", "one", 0)
    assert [(one.action, one.resolved_uri) for one in service.recorded()] == [("CREATE", "models:/m/1")]


def test_a_secret_is_written_down_nowhere_and_stays_when_it_is_rolled_back(opened, service, model, file):
    service.create("paper", "one", model(1), config={"key": "hush"})
    service.update("paper", "one", model(2), config={"key": "hush", "size": "3"})
    assert [one.config.get("key") for one in service.history("paper", "one")] == ["***", "***"]
    assert "hush" not in str(list(map(str, opened.records.list("deployments"))))
    assert service.rollback("paper", "one").config == {"key": "hush"}
    opened.registered_models.set_alias("m", "champion", 1)
    step = Planner(service, opened.model_versions.resolve).plan(read_declared(file))[0]
    assert step.differences["key"] == ("***", "***")
    service.update("paper", "one", "models:/m/2", config={})
    with pytest.raises(InvalidValue, match="not written down"):
        service.rollback("paper", "one")


def test_a_canary_that_is_sick_goes_away(service, model, monkeypatch):
    service.create("paper", "one", model(1))
    monkeypatch.setattr(
        "windlass.testing.paper_target.PlainPaperTarget.predict", lambda *_: (_ for _ in ()).throw(Unavailable("no"))
    )
    with pytest.raises(Unavailable, match="the canary was taken away"):
        service.start_canary("paper", "one", model(2, example=EXAMPLE), percent=5)
    assert service.get("paper", "one").canary is None
    with pytest.raises(NotFound, match="no canary"):
        service.set_canary("paper", "one", 0)


@pytest.mark.parametrize("percent", [0, 100, -1])
def test_a_canary_has_a_part_of_the_requests(service, model, percent):
    uri = model(1)
    service.create("paper", "one", uri)
    with pytest.raises(InvalidValue, match="1 to 99"):
        service.start_canary("paper", "one", uri, percent=percent)


def test_endpoints_have_deployments_of_their_own(service, model):
    uri = model(1)
    service.endpoints("paper").create_endpoint("e", {})
    service.create("paper", "one", uri, endpoint="e")
    service.create("paper", "one", uri)
    assert service.get("paper", "one", endpoint="e").endpoint == "e"
    assert [one.key.endpoint for one in service.recorded()] == [None, "e"]
    service.delete_endpoint("paper", "e")
    assert [one.key.endpoint for one in service.recorded()] == [None]
    assert service.history("paper", "one", endpoint="e")[0].action == "DELETE"


def test_what_a_target_cannot_do_is_unsupported(service, model):
    service.create("plain", "one", model(1))
    for attempt in (
        lambda: service.explain("plain", "one", EXAMPLE),
        lambda: service.logs("plain", "one"),
        lambda: service.endpoints("plain"),
        lambda: service.get("plain", "one", endpoint="e"),
        lambda: service.set_canary("plain", "one", 5),
    ):
        with pytest.raises(Unsupported, match="this target has no"):
            attempt()


def test_what_a_target_can_do_more_is_reached(service, model):
    service.create("paper", "one", model(1))
    assert service.explain("paper", "one", EXAMPLE) == {"because": "models:/m/1"}
    assert list(service.logs("paper", "one")) == ["one answers"]
    assert list(service.logs("paper", "one", follow=True)) == ["one goes on"]
    assert service.run_local("paper", "two", "models:/m/1").url == "here"


def test_options_are_checked_before_anything_is_fetched_or_logged(service):
    with pytest.raises(InvalidValue, match="size"):
        service.create("paper", "one", "models:/nothing/1", config={"colour": "red"})
    with pytest.raises(InvalidValue, match="1 and more"):
        service.create("paper", "one", "models:/nothing/1", config={"size": "0"})
    with pytest.raises(PluginError, match=r"known: .*paper"):
        service.create("mars", "one", "models:/nothing/1")
    assert service.recorded() == []


def test_a_store_without_a_log_does_not_forbid_to_deploy(service, model, monkeypatch, caplog):
    def begin(self, change):
        raise Unsupported("no log here")

    monkeypatch.setattr("windlass.services.deployments.log.RecordedDeployments.begin", begin)
    assert service.create("paper", "one", model(1)).status == "READY"
    assert "not written down: no log here" in caplog.text


def test_changes_that_are_begun_at_once_get_numbers_of_their_own(service):
    key = DeploymentKey(target="paper", name="one")
    found = []

    def begin():
        found.append(service.log.begin(DeploymentChange(key=key, action=ChangeAction.UPDATE)).number)

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(1, 9))


def test_an_end_is_written_once(service, told):
    begun = service.log.begin(
        DeploymentChange(key=DeploymentKey(target="paper", name="one"), action=ChangeAction.CREATE)
    )
    done = service.log.end(replace(begun, state=ChangeState.DONE))
    assert service.log.end(replace(begun, state=ChangeState.FAILED)) == done
    assert len(told) == 1


def test_a_begun_change_of_somebody_who_died_is_shown(service, model):
    service.create("paper", "one", model(1))
    service.log.begin(DeploymentChange(key=DeploymentKey(target="paper", name="one"), action=ChangeAction.DELETE))
    (only,) = service.recorded()
    assert (only.action, only.state, only.end_time) == ("DELETE", "STARTED", None)


DECLARED = """
deployments:
  - {target: paper, name: one, model: models:/m@champion, config: {size: 2}}
  - target: plain
    name: two
    model: models:/m/1
    check: request.json
"""


@pytest.fixture
def file(tmp_path):
    (tmp_path / "request.json").write_text('{"inputs": [5]}')
    path = tmp_path / "deployments.yaml"
    path.write_text(DECLARED)
    return path


def test_a_plan_says_what_is_missing_and_applying_it_leaves_nothing_to_do(opened, service, model, file):
    planner = Planner(service, opened.model_versions.resolve)
    model(1), model(2)
    opened.registered_models.set_alias("m", "champion", 1)
    steps = planner.plan(read_declared(file))
    assert [(one.name, one.action) for one in steps] == [("one", "create"), ("two", "create")]
    assert PAPERS["paper"].deployments == {}
    for step in steps:
        planner.apply(step)
    assert PAPERS["plain"].asked == [{"inputs": [5]}]
    assert {one.action for one in planner.plan(read_declared(file))} == {PlannedAction.NOTHING}
    opened.registered_models.set_alias("m", "champion", 2)
    file.write_text(DECLARED.replace("size: 2", "size: 3"))
    first, second = planner.plan(read_declared(file))
    assert first.differences == {"version": ("models:/m/1", "models:/m/2"), "size": ("2", "3")}
    assert second.action == PlannedAction.NOTHING
    assert planner.apply(first).resolved_uri == "models:/m/2"


def test_pruning_removes_what_is_not_declared_on_these_targets_alone(opened, service, model, file):
    planner = Planner(service, opened.model_versions.resolve)
    uri = model(1)
    opened.registered_models.set_alias("m", "champion", 1)
    for target, name in (("paper", "old"), ("paper:/other", "kept"), ("paper", "one")):
        service.create(target, name, uri)
    assert not [one for one in planner.plan(read_declared(file)) if one.action == PlannedAction.DELETE]
    (gone,) = [one for one in planner.plan(read_declared(file), prune=True) if one.action == PlannedAction.DELETE]
    assert gone.name == "old"
    planner.apply(gone)
    assert [one.key.name for one in service.recorded()] == ["one", "kept"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("deployments: 3", "must hold a list"),
        ("[1]", "must hold a list"),
        ("deployments: [3]", "must be a mapping"),
        ("deployments: [{target: paper, name: a, model: m, colour: red}]", "colour"),
        ("deployments: [{target: paper, name: a}]", r"deployments\[1\].model"),
        ("deployments: [{target: paper, name: 3, model: m}]", "must be a text"),
        ("deployments: [{target: paper, name: a, model: m, config: 3}]", "must be a mapping"),
        ("deployments: [{target: p, name: a, model: m}, {target: p, name: a, model: n}]", "twice"),
        ("deployments: [", "is not YAML"),
        ("deployments: [{target: p, name: a, model: m, check: missing.json}]", "there is no file"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_with_the_place(tmp_path, text, told):
    (tmp_path / "d.yaml").write_text(text)
    with pytest.raises((InvalidValue, NotFound), match=told):
        read_declared(tmp_path / "d.yaml")


def test_values_of_a_file_become_what_options_take(tmp_path):
    content = {"a": 1, "b": True, "c": "x", "d": [1, {"e": None}], "f": 0.5}
    (tmp_path / "d.json").write_text(
        json.dumps({"deployments": [{"target": "p", "name": "n", "model": "m", "config": content, "check": False}]})
    )
    (one,) = read_declared(tmp_path / "d.json")
    assert one.config == {"a": "1", "b": "true", "c": "x", "d": '[1, {"e": null}]', "f": "0.5"}
    assert one.check is None


@pytest.fixture
def program(manager, monkeypatch, capsys, request):
    """Runs a command on the targets of paper; returns its exit code, its output and its errors."""
    monkeypatch.setattr("windlass.services.workspace.get_plugin_manager", lambda: manager)
    request.getfixturevalue("workspace")

    def run(*arguments):
        with pytest.raises(SystemExit) as caught:
            main([str(one) for one in arguments])
        out, err = capsys.readouterr()
        return caught.value.code, out, err

    return run


@pytest.fixture
def saved(tmp_path):
    """A directory with two models."""
    for number in (1, 2):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "answer.json").write_text(str(number))
    return tmp_path


def test_the_program_creates_updates_rolls_back_and_tells(program, saved):
    assert program("deployments", "create", "-t", "paper", "--name", "one", "-m", saved / "1", "-C", "size=2")[0] == 0
    assert program("deployments", "update", "-t", "paper", "--name", "one", "-m", saved / "2", "--canary", "20")[0] == 0
    assert "20%" in program("deployments", "get", "-t", "paper", "--name", "one")[1]
    assert program("deployments", "canary", "-t", "paper", "--name", "one", "100")[0] == 0
    code, out, _ = program("deployments", "rollback", "-t", "paper", "--name", "one", "--output", "json")
    assert (code, json.loads(out)["resolved_uri"]) == (0, str(saved / "1"))
    _, out, _ = program("deployments", "history", "-t", "paper", "--name", "one")
    assert [line.split()[1:3] for line in out.splitlines()[1:]] == [
        ["ROLLBACK", "DONE"], ["UPDATE", "DONE"], ["CANARY", "DONE"], ["CREATE", "DONE"],
    ]  # fmt: skip
    assert "ROLLBACK DONE" in program("deployments", "list")[1]
    assert "paper://one" in program("deployments", "list", "-t", "paper")[1]
    assert program("deployments", "logs", "-t", "paper", "--name", "one")[1] == "one answers\n"
    assert program("deployments", "delete", "-t", "paper", "--name", "one")[0] == 0
    assert "no deployments are known" in program("deployments", "list")[2]


def test_the_program_shows_the_options_of_a_target(program):
    _, out, _ = program("deployments", "help", "-t", "paper")
    assert "size    whole number, 1 and more; 1 without  How many." in out


def test_the_program_plans_and_applies(program, saved):
    file = saved / "d.yaml"
    file.write_text(f"deployments: [{{target: paper, name: one, model: {saved / '1'}}}]")
    _, out, _ = program("deployments", "plan", "-f", file)
    assert "+ one on paper" in out
    assert "1 to create, 0 to update, 0 to delete" in out
    code, out, _ = program("deployments", "apply", "-f", file)
    assert (code, out.splitlines()[-1]) == (0, "everything is as declared")
    file.write_text(f"deployments: [{{target: paper, name: two, model: {saved / '2'}}}]")
    code, out, _ = program("deployments", "apply", "-f", file, "--prune", "--yes")
    assert code == 0
    assert [one.name for one in PAPERS["paper"].deployments.values()] == ["two"]


def test_the_program_manages_endpoints(program, saved):
    assert program("deployments", "create-endpoint", "-t", "paper", "--endpoint", "e")[0] == 0
    program("deployments", "create", "-t", "paper", "--name", "one", "-m", saved / "1", "--endpoint", "e")
    assert "e " in program("deployments", "list-endpoints", "-t", "paper")[1]
    assert program("deployments", "delete-endpoint", "-t", "paper", "--endpoint", "e")[0] == 0
    code, _, err = program("deployments", "get-endpoint", "-t", "paper", "--endpoint", "e")
    assert (code, "no endpoint 'e'" in err) == (3, True)


def test_the_python_client_does_what_the_program_does(program, saved):
    client = windlass.deployments.get_deploy_client("paper")
    made = client.create_deployment("one", str(saved / "1"), config={"size": 2})
    assert (made["status"], made["config"]) == ("READY", {"size": "2"})
    client.update_deployment("one", str(saved / "2"))
    assert client.rollback_deployment("one")["resolved_uri"] == str(saved / "1")
    assert client.update_deployment("one", str(saved / "2"), canary=10)["canary"]["percent"] == 10
    assert client.set_canary("one", 0)["canary"] is None
    with pytest.raises(InvalidValue, match="model_uri"):
        client.update_deployment("one", canary=10)
    assert client.predict("one", [[1]]) == 1
    assert client.explain("one", [[1]]) == {"because": str(saved / "1")}
    client.create_endpoint("e", {"x": 1})
    assert [one["name"] for one in client.list_endpoints()] == ["e"]
    client.delete_endpoint("e")
    with pytest.raises(InvalidValue, match="deployment_name"):
        client.predict(inputs=[[1]])
    client.delete_deployment("one")
    assert client.list_deployments() == []
