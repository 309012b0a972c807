"""HttpDeploymentLog: the log of deployments that a server keeps."""

from __future__ import annotations

import builtins
import getpass
from collections.abc import Sequence

from windlass.entities import DeploymentChange, DeploymentKey, Tag
from windlass.interfaces import DeploymentLog
from windlass.wire import deployment as wire
from windlass_client.transport import Transport


class HttpDeploymentLog(DeploymentLog):
    """The log behind a Windlass server; with another one Unsupported."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def begin(self, change: DeploymentChange) -> DeploymentChange:
        """Have the server write down what is about to be done."""
        answer = self._transport.call(
            wire.BeginDeploymentChange(
                target=change.key.target,
                name=change.key.name,
                endpoint_name=change.key.endpoint,
                action=str(change.action),
                model_uri=change.model_uri,
                resolved_uri=change.resolved_uri,
                flavor=change.flavor,
                config=tuple(Tag(key, value) for key, value in change.config.items()),
                percent=change.percent,
                user=change.user or getpass.getuser(),
            )
        )
        return wire.decode_deployment_change(answer["change"])

    def end(self, change: DeploymentChange) -> DeploymentChange:
        """Have the server write down how it ended."""
        answer = self._transport.call(
            wire.EndDeploymentChange(
                target=change.key.target,
                name=change.key.name,
                endpoint_name=change.key.endpoint,
                number=change.number,
                state=str(change.state),
                url=change.url,
                message=change.message,
            )
        )
        return wire.decode_deployment_change(answer["change"])

    def changes(
        self, key: DeploymentKey, *, max_results: int = 100, before: int | None = None
    ) -> Sequence[DeploymentChange]:
        """The changes of a deployment, newest first, as far as one may see them."""
        asked = wire.ListDeploymentChanges(
            target=key.target, name=key.name, endpoint_name=key.endpoint, max_results=max_results, before=before
        )
        return [wire.decode_deployment_change(one) for one in self._transport.call(asked)["changes"]]

    def latest(self) -> builtins.list[DeploymentChange]:
        """The newest change of every deployment that one may see."""
        return [wire.decode_deployment_change(one) for one in self._transport.call(wire.ListDeployments())["changes"]]
