"""The conformance suites of the target, for `windlass plugins check` and our own tests, on a double of Vertex AI."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from windlass.config import Settings
from windlass.interfaces import ArtifactRepository
from windlass.plugins import Kind, get_plugin_manager
from windlass.testing.deployment_target import DeploymentTargetSuite
from windlass.uri import Uri
from windlass_rest.testing.cases import EndpointCase, HalfWaySuite, make_case
from windlass_vertexai.target import VertexAITarget
from windlass_vertexai.testing.double import TOKEN, VertexDouble
from windlass_vertexai.testing.shapes import PROJECT, REGION

TARGET = f"vertexai:/{PROJECT}/{REGION}"
CONFIG = {"image": "europe-docker.pkg.dev/p/i/scoring:1", "staging": "gs://a-bucket/models", "timeout": "20"}


@pytest.fixture
def double(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[VertexDouble]:
    """A region, which reads files of `gs://` from a directory, to which they are put instead of a bucket."""

    def staged(uri: str, settings: Settings) -> ArtifactRepository:
        kind: type[ArtifactRepository] = get_plugin_manager().load(Kind.ARTIFACT_REPOSITORY, "file")
        return kind.open(Uri.parse((tmp_path / "storage" / uri.removeprefix("gs://")).as_uri()), settings)

    monkeypatch.setattr("windlass_vertexai.target.staged", staged)
    with VertexDouble(tmp_path / "storage") as made:
        yield made


def opened(double: VertexDouble) -> VertexAITarget:
    """The target on a double, as another program sees it."""
    return VertexAITarget.open(TARGET, Settings(vertex_ai_url=double.url, google_token=TOKEN))


@pytest.fixture
def case(double: VertexDouble, tmp_path: Path) -> EndpointCase:
    """The target with its models."""
    return make_case(tmp_path, lambda: opened(double), double, left=double.left, config=CONFIG)


class TestVertexAITarget(DeploymentTargetSuite):
    """A double that answers with our own scoring."""

    @pytest.fixture
    def case(self, case: EndpointCase) -> Iterator[EndpointCase]:
        """The case; nothing is left at its end."""
        yield case
        assert case.left() == []  # noqa: S101  a conformance suite is made of asserts


class TestHalfWay(HalfWaySuite):
    """The same double, with faults."""

    @pytest.fixture
    def case(self, case: EndpointCase) -> EndpointCase:
        """The case."""
        return case
