"""A model of the registry through its life on a real TorchServe."""

from __future__ import annotations

import json
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

import windlass
from windlass.config import Settings
from windlass.errors import Unauthenticated
from windlass.testing.model_life import check_life, check_taking_back, log_failing_model, register_versions
from windlass.testing.services import big_service_url
from windlass_torchserve.address import Address
from windlass_torchserve.keys import INFERENCE, MANAGEMENT, bearer
from windlass_torchserve.server import TorchServe


@pytest.fixture
def target():
    """What users would write."""
    return f"torchserve:/{big_service_url('torchserve')}"


@pytest.fixture
def versions(tmp_path, monkeypatch, target):
    """Two versions of a scikit-learn model in a registry."""
    return register_versions(tmp_path, monkeypatch)


def model_store(target):
    return Address.parse(target).model_store


def test_a_model_is_created_updated_rolled_back_and_deleted(target, versions):
    check_life(target, versions, config={"request_timeout": 50})
    assert list(model_store(target).glob("life.*")) == []


def test_a_model_that_fails_its_check_is_rolled_back(target, versions, tmp_path):
    check_taking_back(target, versions[0], log_failing_model(tmp_path))


def test_requests_are_answered_all_through_an_update(target, versions):
    client = windlass.deployments.get_deploy_client(target)
    client.create_deployment("busy", versions[0], config={"initial_workers": 2, "batch_size": 4})
    key = json.loads(Path(Address.parse(target).key_file).read_text())[INFERENCE]["key"]
    over = Event()

    def ask_on():
        answers = []
        while not over.is_set():
            answers.append(ask(client.get_deployment("busy")["url"], key))
        return answers

    try:
        with ThreadPoolExecutor(2) as pool:
            asking = [pool.submit(ask_on) for _ in range(2)]
            try:
                client.update_deployment("busy", versions[1], config={"initial_workers": 1})
                time.sleep(1)
            finally:
                over.set()
            answers = [one for future in asking for one in future.result(timeout=60)]
    finally:
        client.delete_deployment("busy")
    assert {status for status, _ in answers} == {200}
    assert {round(answer["predictions"][0], 6) for _, answer in answers} == {6.0, 9.0}


def ask(url, key):
    body = json.dumps({"inputs": [[1.0, 2.0]]}).encode()
    headers = {"content-type": "application/json", **bearer(key)}
    with urllib.request.urlopen(urllib.request.Request(url, data=body, headers=headers), timeout=50) as answer:
        return answer.status, json.loads(answer.read())


def test_a_wrong_key_is_refused(target):
    address = replace(Address.parse(target), key_file=None)
    with pytest.raises(Unauthenticated, match="Token Authorization failed"):
        TorchServe(address, Settings(torchserve_management_key="wrong")).versions("missing")


def test_an_expired_key_is_renewed(target):
    file = Path(Address.parse(target).key_file)
    keys = json.loads(file.read_text())
    file.write_text(
        json.dumps(keys | {MANAGEMENT: {"key": "old", "expiration time": "2020-01-01T00:00:00.123456789Z"}})
    )
    assert TorchServe(Address.parse(target), Settings()).versions("missing") == []
    assert json.loads(file.read_text())[MANAGEMENT]["key"] not in {"old", keys[MANAGEMENT]["key"]}
