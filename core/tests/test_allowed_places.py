from __future__ import annotations

import pytest

from windlass.errors import PermissionDenied
from windlass.services.allowed_places import AllowedPlaces

PLACES = AllowedPlaces(["file:///srv/ml/artifacts", "/data/shared", "https://models.example/public"])


@pytest.mark.parametrize(
    "uri",
    [
        "file:///srv/ml/artifacts",
        "file:///srv/ml/artifacts/0/run/artifacts",
        "/data/shared/x",
        "https://models.example/public/bert",
        "s3://any/bucket",
        "gs://any",
        "abfss://files@account.dfs.core.windows.net/x",
    ],
)
def test_what_is_ours_or_was_allowed_or_needs_credentials_may_be_touched(uri):
    assert uri in PLACES


@pytest.mark.parametrize(
    "uri",
    [
        "file:///etc",
        "/etc/passwd",
        "file:///srv/ml/artifacts-of-others",
        "file:///srv/ml/artifacts/../../../etc",
        "file:///srv/ml/artifacts/%2e%2e/%2e%2e/etc",
        "https://models.example/private",
        "http://169.254.169.254/latest/meta-data",
        "webhdfs://127.0.0.1:9870/x",
        "ftp://127.0.0.1/x",
        "sftp://root@127.0.0.1/etc",
    ],
)
def test_the_disk_and_the_neighbours_of_the_server_are_not(uri):
    with pytest.raises(PermissionDenied, match="--allowed-artifact-locations"):
        PLACES.check(uri)
