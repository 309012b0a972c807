"""Address: the workspace that a target names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from windlass.errors import InvalidValue
from windlass.uri import redact

_PROVIDER = "providers/Microsoft.MachineLearningServices/workspaces"
_LONG = re.compile(
    r"//[^/]+/mlflow/v[12]\.0/subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<group>[^/]+)/"
    + re.escape(_PROVIDER)
    + r"/(?P<workspace>[^/?]+)/?(\?.*)?",
    re.IGNORECASE,
)
_SHORT = re.compile(r"/(?P<subscription>[^/]+)/(?P<group>[^/]+)/(?P<workspace>[^/]+)/?")
_HINT = "write azureml:/SUBSCRIPTION/RESOURCE_GROUP/WORKSPACE, or the workspace's MLflow tracking URI"


@dataclass(frozen=True, slots=True)
class Address:
    """A workspace in a resource group of a subscription."""

    subscription: str
    group: str
    workspace: str

    @classmethod
    def parse(cls, target: str) -> Address:
        """Read the short form, or the tracking URI as Azure shows it; InvalidValue for anything else."""
        rest = target.partition(":")[2]
        found = _LONG.fullmatch(rest) or _SHORT.fullmatch(rest)
        if found is None:
            raise InvalidValue("target", redact(target), "names no workspace of Azure Machine Learning", hint=_HINT)
        return cls(found["subscription"], found["group"], found["workspace"])

    @property
    def path(self) -> str:
        """Its resource id, which is its path in Azure's API."""
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.group}/{_PROVIDER}/{self.workspace}"

    def __str__(self) -> str:
        return f"azureml:/{self.subscription}/{self.group}/{self.workspace}"
