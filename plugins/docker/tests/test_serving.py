"""Models in real containers: a model of the registry through its life, and what is left when something fails."""

from __future__ import annotations

import gc
import io
import json
import os
import secrets
import socket
import subprocess
from pathlib import Path

import pytest
import windlass.pyfunc

import windlass
from windlass.config import Settings
from windlass.errors import AlreadyExists, BuildFailed, InvalidValue, Unavailable, WindlassError
from windlass.interfaces import DeploymentRequest
from windlass.testing.model_life import FEATURES, check_life, expected, register_versions
from windlass_docker.conformance import IMAGE, serving_options, times_two
from windlass_docker.serve.naming import DEPLOYMENT_LABEL
from windlass_docker.serve.target import DockerTarget

pytestmark = pytest.mark.timeout(600)
ROOT = Path(__file__).parents[3]


@pytest.fixture
def namespace(engine):
    """A namespace of this test, in which nothing may be left."""
    name = f"test-{secrets.token_hex(4)}"
    yield name
    left = [one for one in engine.containers.list(all=True) if one.name.startswith(f"windlass-{name}")]
    for one in left:
        one.remove(force=True)
    assert left == []


@pytest.fixture
def client(namespace):
    return windlass.deployments.get_deploy_client(f"docker:/{namespace}")


@pytest.fixture
def images(engine):
    """The images that were built for deployments of a name."""
    return lambda name: [
        one for one in engine.images.list() if any(f"windlass-models/{name}:" in tag for tag in one.tags)
    ]


@pytest.fixture
def base(engine):
    """An image of this test alone, and what was built from it and is there."""
    token = secrets.token_hex(4)
    tag = f"localhost/windlass-test-base:{token}"
    text = f"FROM {IMAGE}\nLABEL unique={token}\n".encode()
    engine.images.build(fileobj=io.BytesIO(text), tag=tag, rm=True)
    found = {"all": True, "filters": {"label": f"unique={token}"}}
    yield tag, lambda: [one.id for one in engine.images.list(**found) if tag not in one.tags]
    engine.images.remove(tag, force=True)


@pytest.fixture
def versions(tmp_path, monkeypatch):
    """Two versions of a scikit-learn model in a registry."""
    return register_versions(tmp_path, monkeypatch)


@pytest.fixture
def model(tmp_path, monkeypatch):
    """A small model, whose code may run."""
    monkeypatch.setenv("WINDLASS_ALLOW_PICKLE", "true")
    windlass.pyfunc.save_model(tmp_path / "model", python_model=times_two)
    return str(tmp_path / "model")


@pytest.mark.slow
def test_a_model_is_created_updated_rolled_back_and_deleted(namespace, versions, images):
    check_life(f"docker:/{namespace}", versions, config=serving_options())
    assert images(f"{namespace}-life") == []


@pytest.mark.slow
def test_a_model_that_does_not_start_says_why_and_leaves_nothing(client, namespace, images, tmp_path):
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "MLmodel").write_text("flavors: {}\n")
    name = "bad"
    with pytest.raises(Unavailable, match=r"ended while it started(.|\n)*the end of its log:\n  \S"):
        client.create_deployment(name, str(tmp_path / "bad"), config={**serving_options(), "restart": "no"})
    assert images(f"{namespace}-{name}") == []
    with pytest.raises(Unavailable, match=r"did not answer within 0\.1 seconds"):
        client.create_deployment(name, str(tmp_path / "bad"), config={**serving_options(), "timeout": "0.1"})
    assert images(f"{namespace}-{name}") == []


@pytest.mark.slow
def test_a_port_that_somebody_has_is_told_and_another_update_goes_on(client, model):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        config = {**serving_options(), "port": str(taken.getsockname()[1]), "restart": "no"}
        with pytest.raises(Unavailable, match="in use"):
            client.create_deployment("x", model, config=config)
    variables = {**json.loads(serving_options()["env"]), "OWN": "secret"}
    config = {**serving_options(), "env": json.dumps(variables), "labels": '{"team": "a"}', "WINDLASS": "1"}
    with pytest.raises(InvalidValue, match="WINDLASS"):
        client.create_deployment("x", model, config=config)


def test_what_cannot_be_built_says_the_last_lines_and_leaves_nothing(client, namespace, base, images, model):
    name = "unbuilt"
    image, built = base
    config = {"base_image": image, "system_packages": "no-such-package", "build_network": "host"}
    with pytest.raises(BuildFailed, match=r"could not be built(.|\n)*the last lines(.|\n)*apt-get"):
        client.create_deployment(name, model, config=config)
    with pytest.raises(WindlassError, match="no-such-image"):
        client.create_deployment(name, model, config={"base_image": "localhost/no-such-image:1"})
    assert images(f"{namespace}-{name}") == []
    assert built() == []


def test_a_container_of_somebody_else_is_left_alone(client, engine, namespace, model):
    foreign = engine.containers.create(IMAGE, ["sleep", "1"], name=f"windlass-{namespace}-x")
    try:
        with pytest.raises(AlreadyExists, match="something else"):
            client.create_deployment("x", model, config=serving_options())
        client.delete_deployment("x")
        assert client.list_deployments() == []
        foreign.reload()
    finally:
        foreign.remove(force=True)


@pytest.mark.slow
def test_what_a_change_was_cut_off_with_goes_with_the_next_one(client, engine, namespace, model):
    client.create_deployment("x", model, config=serving_options())
    (made,) = [one for one in engine.containers.list() if one.name == f"windlass-{namespace}-x"]
    assert "PATH" not in json.dumps({key: value for key, value in made.labels.items() if not key.endswith("variables")})
    made.rename(f"windlass-{namespace}-x.0a1b")
    assert client.list_deployments() == []
    with pytest.raises(WindlassError, match="no deployment"):
        client.get_deployment("x")
    client.delete_deployment("x")
    # A label alone makes no deployment.
    odd = engine.containers.create(IMAGE, ["sleep", "1"], labels={DEPLOYMENT_LABEL: f"{namespace}/x"})
    client.delete_deployment("x")
    odd.remove(force=True)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("host", "nonsense.example"),
        ("port", "70000"),
        ("network", "none"),
        ("memory", "lots"),
        ("cpus", "0"),
        ("gpus", "some"),
        ("env", "[]"),
        ("env", '{"a=b": "1"}'),
        ("labels", "3"),
        ("volumes", '["/x"]'),
        ("restart", "sometimes"),
        ("install", "conda"),
        ("wheels", "/nowhere"),
        ("ca_file", "/nowhere.pem"),
        ("no_such", "1"),
    ],
)
def test_options_are_checked_before_docker_is_asked(monkeypatch, tmp_path, model, option, value):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
    config = {"network": "host", option: value}
    path = Path(model)
    request = DeploymentRequest(name="x", model_uri=model, resolved_uri=model, model_path=path, config=config)
    with pytest.raises(InvalidValue, match=option):
        DockerTarget.open("docker", Settings()).create(request)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_docker_that_does_not_answer_is_told(monkeypatch, tmp_path, model):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
    with pytest.raises(Unavailable, match=r"Docker could not be reached(.|\n)*DOCKER_HOST"):
        windlass.deployments.get_deploy_client("docker").create_deployment("x", model)
    gc.collect()


@pytest.mark.parametrize("target", ["docker:/a/b", "docker:/a b", "docker:/.."])
def test_a_namespace_is_a_plain_word(target):
    with pytest.raises(InvalidValue, match="is not known"):
        windlass.deployments.get_deploy_client(target).list_deployments()


@pytest.mark.slow
def test_the_program_builds_an_image_with_all_that_a_model_needs(engine, program, versions, tmp_path):
    """Wheels of this workspace, and from the package index what the model requires."""
    for package in ("core", "plugins/models", "plugins/serving"):
        done = subprocess.run(
            ["uv", "build", "--quiet", "--wheel", "--out-dir", tmp_path / "wheels", ROOT / package],
            timeout=300,
            check=False,
        )
        assert done.returncode == 0
    tag = f"localhost/windlass-test-built:{secrets.token_hex(4)}"
    authority = os.environ.get("SSL_CERT_FILE") or "/etc/ssl/certs/ca-certificates.crt"
    building = program(
        "models", "build-docker", "-m", versions[0], "-n", tag, "--base-image", IMAGE, "--network", "host",
        "--wheels", tmp_path / "wheels", "--ca-file", authority,
    )  # fmt: skip
    printed = building.communicate(timeout=500)[0]
    assert building.returncode == 0, printed
    model = f"import windlass.pyfunc as p; print(p.load_model('/opt/ml/model').predict({FEATURES}).tolist())"
    try:
        said = engine.containers.run(tag, ["-c", model], entrypoint="python", remove=True, environment={"HOME": "/tmp"})
        assert json.loads(said) == expected(versions[0])
    finally:
        engine.images.remove(tag, force=True)
