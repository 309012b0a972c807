"""Connection: an API server, with what a kubeconfig or the pod that we are in says about it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlencode

import urllib3
from kubernetes import client
from kubernetes import config as _config
from kubernetes.config import ConfigException
from urllib3.exceptions import HTTPError

from windlass.config import Settings
from windlass.errors import InvalidValue, NotFound, Unauthenticated
from windlass_kubernetes.faults import refusal, unreachable

config: Any = _config  # its functions have no types
JSON = "application/json"
_CONNECT = 10.0
_BAD = 300
_NAMESPACE_FILE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
_IN_CLUSTER = "in-cluster"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One API server; `context` and `namespace` are what is meant where nothing else is said.

    `timeout` is seconds for one answer.
    """

    api: Any
    context: str
    namespace: str
    timeout: float

    @classmethod
    def open(cls, context: str | None, settings: Settings) -> Self:
        """The cluster of a context, of the current one without, or the one that this pod runs in; sends nothing yet."""
        file = os.environ.get("KUBECONFIG") or "~/.kube/config"
        places = [Path(one).expanduser() for one in file.split(os.pathsep) if one]
        try:
            if context == _IN_CLUSTER or (context is None and not any(one.is_file() for one in places)):
                return cls(**_in_cluster(), timeout=settings.http_timeout)
            contexts, current = config.list_kube_config_contexts(config_file=file)
            chosen = _chosen(context, contexts, current)
            api = config.new_client_from_config(config_file=file, context=chosen["name"])
        except ConfigException as error:
            hint = "`kubectl config get-contexts` shows what there is; KUBECONFIG names the file"
            raise NotFound(f"no cluster is known: {error}", hint=hint) from error
        space = chosen["context"].get("namespace") or "default"
        return cls(api=api, context=chosen["name"], namespace=space, timeout=settings.http_timeout)

    @property
    def url(self) -> str:
        """Where the API server is."""
        return str(self.api.configuration.host).rstrip("/")

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        content: Any = None,
        content_type: str = JSON,
        timeout: float | None = None,
        stream: bool = False,
        refuse: bool = True,
    ) -> urllib3.BaseHTTPResponse:
        """The answer to a request; the error that its status means is raised with what the server says.

        Only what changes nothing is asked again if the connection is lost. With `stream` the body is yet to be read;
        without `refuse` answers of every status are returned.
        """
        seconds = self.timeout if timeout is None else timeout
        url = f"{self.url}{path}" + (f"?{urlencode(query)}" if query else "")
        retries = urllib3.Retry(total=2, redirect=False, backoff_factor=0.2) if method == "GET" else False
        body = content if content is None or isinstance(content, bytes) else json.dumps(content).encode()
        headers = {"user-agent": "windlass", "accept": f"{JSON}, */*", **self._authorization()}
        if body is not None:
            headers["content-type"] = content_type
        try:
            answer: urllib3.BaseHTTPResponse = self.api.rest_client.pool_manager.request(
                method,
                url,
                body=body,
                headers=headers,
                retries=retries,
                redirect=False,
                timeout=urllib3.Timeout(connect=min(_CONNECT, seconds), read=seconds),
                preload_content=not stream,
            )
            if answer.status < _BAD or not refuse:
                return answer
            raise refusal(self.url, answer.status, answer.data)
        except HTTPError as error:
            raise unreachable(self.url, error, seconds) from error

    def call(self, method: str, path: str, **more: Any) -> Any:
        """The JSON that a request is answered with."""
        return json.loads(self.send(method, path, **more).data)

    def close(self) -> None:
        """Close the connections; the next request opens new ones."""
        self.api.rest_client.pool_manager.clear()

    def _authorization(self) -> dict[str, str]:
        """What says who we are; a token that has expired is renewed where the kubeconfig says how."""
        try:
            found = self.api.configuration.auth_settings().values()
        except ConfigException as error:
            raise Unauthenticated(f"the kubeconfig gives no valid token: {error}", hint="sign in again") from error
        return {one["key"]: one["value"] for one in found if one["in"] == "header" and one["value"]}


def segment(text: str) -> str:
    """A name as a part of a path."""
    return quote(text, safe="")


def known_contexts() -> list[str]:
    """The names of the contexts of the kubeconfig; none without one."""
    try:
        found, _ = config.list_kube_config_contexts(config_file=os.environ.get("KUBECONFIG") or "~/.kube/config")
    except ConfigException:
        return []
    return [one["name"] for one in found]


def _chosen(context: str | None, contexts: list[Any], current: Any) -> Any:
    if context is None:
        return current
    found = next((one for one in contexts if one["name"] == context), None)
    if found is None:
        known = ", ".join(sorted(one["name"] for one in contexts))
        raise InvalidValue("context", context, "is not in the kubeconfig", limit=known)
    return found


def _in_cluster() -> dict[str, Any]:
    told = client.Configuration()
    config.load_incluster_config(client_configuration=told)
    space = _NAMESPACE_FILE.read_text(encoding="utf-8").strip() if _NAMESPACE_FILE.is_file() else "default"
    return {"api": client.ApiClient(told), "context": _IN_CLUSTER, "namespace": space}
