"""What a container remembers of the deployment that it is, in its labels."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from windlass.interfaces import DeploymentRecord
from windlass_docker.serve.naming import DEPLOYMENT_LABEL, Naming
from windlass_docker.serve.options import variables_of

_RECORD, _IMAGE, _TOKEN, _URL, _VARIABLES = (
    f"{DEPLOYMENT_LABEL}.{name}" for name in ("record", "image", "token", "url", "variables")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """A deployment's record, the image that was built for it, where it answers, and how it can be told from others."""

    record: DeploymentRecord
    image: str
    url: str
    token: str

    def labels(self, naming: Naming) -> dict[str, str]:
        """As labels, in which there is no value of a variable."""
        bare = {name: text for name, text in self.record.config.items() if name != "env"}
        return {
            DEPLOYMENT_LABEL: naming.label(self.record.name),
            _RECORD: replace(self.record, config=bare).encode(),
            _IMAGE: self.image,
            _URL: self.url,
            _TOKEN: self.token,
            _VARIABLES: json.dumps(sorted(variables_of(self.record.config))),
        }

    @classmethod
    def of(cls, attributes: Mapping[str, Any]) -> Remembered | None:
        """What Docker says of a container; None if it is no deployment of ours."""
        labels = attributes["Config"].get("Labels") or {}
        record = DeploymentRecord.decode(labels.get(_RECORD))
        if record is None:
            return None
        present = dict(text.partition("=")[::2] for text in attributes["Config"].get("Env") or ())
        names = json.loads(labels.get(_VARIABLES) or "[]")
        variables = {name: present[name] for name in names if name in present}
        config = {**record.config, **({"env": json.dumps(variables)} if variables else {})}
        return cls(
            record=replace(record, config=config),
            image=labels.get(_IMAGE, ""),
            url=labels.get(_URL, ""),
            token=labels.get(_TOKEN, ""),
        )
