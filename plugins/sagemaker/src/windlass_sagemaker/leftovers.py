"""Leftovers: models, configurations and archives that a deployment does not use any more."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator
from typing import Any

from windlass.errors import NotFound
from windlass_sagemaker.clients import Clients
from windlass_sagemaker.naming import folder, new_token, token_of
from windlass_sagemaker.record import KEPT, OWNER
from windlass_sagemaker.resources import Resources

_SHOWN = 46


class Leftovers:
    """Finds what carries a deployment's tag; what others have made is left alone whatever its name."""

    def __init__(self, clients: Clients, resources: Resources) -> None:
        self._clients = clients
        self._resources = resources

    def clear(self, name: str, *, used: Collection[str] = (), bucket: str | None, keep: bool) -> None:
        """Remove what was made before now and is not in `used`; with `keep` mark it, so that it stays for good."""
        now = new_token()
        for config in self._ours("list_endpoint_configs", "EndpointConfig", name, before=now, used=used):
            self._drop(config, self._resources.delete_config, keep=keep)
        stay = {token for one in used if (token := token_of(one, name))}
        for model in self._ours("list_models", "Model", name, before=now, used=used):
            if not self._drop(model, self._resources.delete_model, keep=keep):
                stay.add(str(token_of(model[0], name)))
        if bucket is not None and not keep:
            self._clear_archives(name, bucket, stay=stay, before=now)

    def _ours(
        self, operation: str, noun: str, name: str, *, before: str, used: Collection[str]
    ) -> Iterator[tuple[str, str, bool]]:
        """The name and ARN of each that is not used, and whether it was to be kept; models that are kept come too."""
        for one in list(self._resources.each(operation, f"{noun}s", NameContains=name[:_SHOWN])):
            found, arn = one[f"{noun}Name"], one[f"{noun}Arn"]
            token = token_of(found, name)
            if token is None or token >= before or found in used:
                continue
            with contextlib.suppress(NotFound):
                tags = self._resources.tags(arn)
                if tags.get(OWNER) == name:
                    yield found, arn, KEPT in tags

    def _drop(self, one: tuple[str, str, bool], delete: Any, *, keep: bool) -> bool:
        """Whether it is gone."""
        name, arn, kept = one
        if kept:
            return False
        if keep:
            self._resources.add_tags(arn, {KEPT: "true"})
            return False
        delete(name)
        return True

    def _clear_archives(self, name: str, bucket: str, *, stay: Collection[str], before: str) -> None:
        top = f"{folder(self._clients.account, self._clients.region, name)}models/"
        keys = self._resources.keys(bucket, top)
        tokens = {key: key.removeprefix(top).partition("/")[0] for key in keys}
        gone = [key for key, token in tokens.items() if token not in stay and token < before]
        self._resources.delete_keys(bucket, gone)
