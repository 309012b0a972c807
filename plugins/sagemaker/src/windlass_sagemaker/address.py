"""Address: the region that a target names, and the role in which it is worked in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from windlass.errors import InvalidValue

_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]+")
ROLE_ARN = r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]+"
_HINT = "write sagemaker:/REGION or sagemaker:/REGION/ROLE_ARN, such as sagemaker:/eu-west-1"


@dataclass(frozen=True, slots=True)
class Address:
    """A region, None for the one of the AWS configuration, and the ARN of a role to assume, None for none."""

    region: str | None = None
    role: str | None = None

    @classmethod
    def parse(cls, target: str) -> Address:
        """Read `sagemaker:/REGION/ROLE_ARN`, of which all but the name may be left out; InvalidValue otherwise."""
        region, _, role = target.partition(":")[2].strip("/").partition("/")
        if region and not _REGION.fullmatch(region):
            raise InvalidValue("target", target, "names no region of AWS", hint=_HINT)
        if role and not re.fullmatch(ROLE_ARN, role):
            raise InvalidValue("target", target, "names no role of IAM", hint=_HINT)
        return cls(region or None, role or None)
