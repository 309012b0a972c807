"""What a container is told and sees of this machine; without Docker."""

from __future__ import annotations

import pytest

from windlass.errors import InvalidValue, Unsupported
from windlass_docker.arguments import container_arguments
from windlass_docker.surroundings import Surroundings

HTTP = "https://tracking.example.org"


def of(tracking=HTTP, artifacts="mlflow-artifacts:/1/artifacts", words=(), **environ):
    return Surroundings.of_run(tracking, artifacts, words, environ)


def test_a_store_and_artifacts_of_this_machine_are_mounted(tmp_path):
    found = of(f"sqlite:///{tmp_path}/a/windlass.db", (tmp_path / "files").as_uri())
    assert found.mounts == (f"{tmp_path}/a:{tmp_path}/a:rw", f"{tmp_path}/files:{tmp_path}/files:rw")
    with pytest.raises(Unsupported, match="another machine"):
        found.check_reachable()
    of().check_reachable()


def test_credentials_of_the_storage_in_use_are_passed_on_and_no_others(tmp_path):
    key = tmp_path / "key.json"
    key.touch()
    environ = {
        "AWS_ACCESS_KEY_ID": "a", "MLFLOW_S3_ENDPOINT_URL": "http://s3", "AZURE_STORAGE_ACCESS_KEY": "z",
        "GOOGLE_APPLICATION_CREDENTIALS": str(key), "MLFLOW_TRACKING_TOKEN": "t", "SECRET": "x",
        "WINDLASS_ADMIN_PASSWORD": "p",
    }  # fmt: skip
    assert of(**environ).variables == {"MLFLOW_TRACKING_TOKEN": "t"}
    s3 = of(artifacts="s3://bucket/x", **environ).variables
    assert set(s3) == {"MLFLOW_TRACKING_TOKEN", "AWS_ACCESS_KEY_ID", "MLFLOW_S3_ENDPOINT_URL"}
    assert set(of(artifacts="wasbs://c@a/x", **environ).variables) == {
        "MLFLOW_TRACKING_TOKEN", "AZURE_STORAGE_ACCESS_KEY",
    }  # fmt: skip
    assert of(artifacts="gs://bucket/x", **environ).mounts == (f"{key}:{key}:ro",)


def test_the_files_of_the_aws_programs_come_along(tmp_path):
    (tmp_path / ".aws").mkdir()
    found = of(artifacts="s3://bucket/x", HOME=str(tmp_path))
    assert found.mounts == (f"{tmp_path}/.aws:/.aws:ro",)
    assert found.variables["AWS_SHARED_CREDENTIALS_FILE"] == "/.aws/credentials"


def test_only_a_server_of_this_machine_needs_its_network():
    assert of("http://127.0.0.1:5000").needs_host_network
    assert of("http://localhost:5000").needs_host_network
    assert not of(HTTP).needs_host_network


def test_files_that_a_command_names_are_mounted_but_no_part_of_the_system(tmp_path):
    file = tmp_path / "x.csv"
    file.touch()
    words = [str(file), "/usr/bin/env", "/tmp", "relative", f"{tmp_path}/absent", "/" + "x" * 5000, "/a/\0"]
    assert of(words=words).mounts == (f"{file}:{file}:ro",)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"memory": "2g", "cpus": "1.5"}, {"mem_limit": "2g", "nano_cpus": 1_500_000_000}),
        ({"--network": "host"}, {"network_mode": "host"}),
        ({"net": "own"}, {"network": "own"}),
        ({"t": True, "privileged": "false"}, {"tty": True, "privileged": False}),
        ({"v": ["/a:/b", "/c:/d:ro"]}, {"volumes": ["/a:/b", "/c:/d:ro"]}),
        ({"add-host": "db:10.0.0.1"}, {"extra_hosts": {"db": "10.0.0.1"}}),
    ],
)
def test_arguments_of_docker_run_are_those_of_the_api(given, expected):
    assert container_arguments(given) == expected


def test_gpus_are_asked_for_as_docker_does():
    (everything,) = container_arguments({"gpus": "all"})["device_requests"]
    (two,) = container_arguments({"gpus": "device=0,2"})["device_requests"]
    assert (everything["Count"], two["DeviceIDs"]) == (-1, ["0", "2"])


@pytest.mark.parametrize(
    "given",
    [{"gpus": "some"}, {"cpus": "many"}, {"t": "perhaps"}, {"env": "X"}, {"ulimit": "n=x"}, {"memory": ["1", "2"]}],
)
def test_a_wrong_argument_is_an_error_that_names_it(given):
    name = {"t": "tty"}.get(next(iter(given)), next(iter(given)))
    with pytest.raises(InvalidValue, match=f"docker_args {name}"):
        container_arguments(given)
