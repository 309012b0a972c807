"""The requests of Algorithmia's API that are used here, as it was published."""

from __future__ import annotations

from windlass_rest.testing.double import Route

_ALGORITHMS, _DATA = "/v1/algorithms/{owner}", "/v1/connector/data/{owner}"
_ONE, _COLLECTION = f"{_ALGORITHMS}/{{name}}", f"{_DATA}/{{collection}}"
_DETAILS = {"label!": str, "summary": str, "tagline": str}
_SETTINGS = {
    "algorithm_environment": str,
    "package_set": str,
    "environment": ("cpu", "gpu"),
    "language": str,
    "license!": ("apl", "apache2", "gpl3", "mit"),
    "network_access!": ("full", "isolated"),
    "pipeline_enabled!": bool,
    "source_visibility!": ("open", "closed"),
}
_PUBLISHING = {
    "settings!": {"algorithm_callability!": ("public", "private")},
    "version_info!": {
        "version_type!": ("major", "minor", "patch"),
        "release_notes": str,
        "sample_input": str,
    },
}

ROUTES = (
    Route(
        method="POST",
        path=_ALGORITHMS,
        answer="create",
        body={"name!": str, "details!": _DETAILS, "settings!": _SETTINGS},
    ),
    Route(method="GET", path=_ONE, answer="describe"),
    Route(method="DELETE", path=_ONE, answer="delete"),
    Route(method="POST", path=f"{_ONE}/compile", answer="compile"),
    Route(method="POST", path=f"{_ONE}/versions", answer="publish", body=_PUBLISHING),
    Route(method="GET", path=f"{_ONE}/versions", answer="versions", query=("callable", "limit", "published", "marker")),
    Route(
        method="POST",
        path="/v1/algo/{owner}/{name}/{version}",
        answer="call",
        body=bytes,
        query=("timeout", "stdout", "output"),
    ),
    Route(method="POST", path=_DATA, answer="make_collection", body={"name!": str, "acl": {"read!": [str]}}),
    Route(method="GET", path=_DATA, answer="list_collections", query=("marker", "acl")),
    Route(method="GET", path=_COLLECTION, answer="list_files", query=("marker", "acl")),
    Route(method="DELETE", path=_COLLECTION, answer="delete_collection", query=("force",)),
    Route(method="PUT", path=f"{_COLLECTION}/{{file}}", answer="upload", body=bytes),
    Route(method="DELETE", path=f"{_COLLECTION}/{{file}}", answer="delete_file"),
    Route(method="GET", path="/git/{owner}/{repository}.git/info/refs", answer="git", query=("service!",), free=True),
    Route(method="POST", path="/git/{owner}/{repository}.git/{service}", answer="git", body=bytes, free=True),
)
