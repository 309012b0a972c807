"""Arguments: those of `docker run` that a project may be given, as Docker's API has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from docker.types import DeviceRequest, Ulimit

from windlass.errors import InvalidValue

_Parser = Callable[[str, list[str]], Any]
_NETWORK_MODES = ("host", "none", "bridge", "default")
_GIGA = 1_000_000_000


def _one(name: str, values: list[str]) -> str:
    if len(values) != 1:
        raise InvalidValue(f"docker_args {name}", values, "may be given once")
    return values[0]


def _flag(name: str, values: list[str]) -> bool:
    text = _one(name, values).lower()
    if text not in {"true", "false"}:
        raise InvalidValue(f"docker_args {name}", text, "is a switch: true or false")
    return text == "true"


def _many(_name: str, values: list[str]) -> list[str]:
    return values


def _whole(name: str, values: list[str]) -> int:
    try:
        return int(_one(name, values))
    except ValueError:
        raise InvalidValue(f"docker_args {name}", values[0], "must be a whole number") from None


def _cpus(name: str, values: list[str]) -> int:
    try:
        return int(float(_one(name, values)) * _GIGA)
    except ValueError:
        raise InvalidValue(f"docker_args {name}", values[0], "must be a number") from None


def _gpus(name: str, values: list[str]) -> list[DeviceRequest]:
    text = _one(name, values)
    if text == "all":
        return [DeviceRequest(count=-1, capabilities=[["gpu"]])]
    if text.isdigit():
        return [DeviceRequest(count=int(text), capabilities=[["gpu"]])]
    key, _, ids = text.partition("=")
    if key != "device" or not ids:
        raise InvalidValue(f"docker_args {name}", text, "must be all, a number, or device=ID,ID")
    return [DeviceRequest(device_ids=ids.split(","), capabilities=[["gpu"]])]


def _pairs(separator: str) -> _Parser:
    def parse(name: str, values: list[str]) -> dict[str, str]:
        pairs = {}
        for text in values:
            key, found, value = text.partition(separator)
            if not found:
                raise InvalidValue(f"docker_args {name}", text, f"must be of the form NAME{separator}VALUE")
            pairs[key] = value
        return pairs

    return parse


def _tmpfs(_name: str, values: list[str]) -> dict[str, str]:
    return {path: options for path, _, options in (text.partition(":") for text in values)}


def _ulimits(name: str, values: list[str]) -> list[Ulimit]:
    limits = []
    for key, text in _pairs("=")(name, values).items():
        soft, _, hard = text.partition(":")
        if not soft.lstrip("-").isdigit() or not (hard or soft).lstrip("-").isdigit():
            raise InvalidValue(f"docker_args {name}", f"{key}={text}", "must be of the form NAME=SOFT[:HARD]")
        limits.append(Ulimit(name=key, soft=int(soft), hard=int(hard or soft)))
    return limits


_KNOWN: Mapping[str, tuple[str, _Parser]] = {
    "add-host": ("extra_hosts", _pairs(":")),
    "cap-add": ("cap_add", _many),
    "cap-drop": ("cap_drop", _many),
    "cpu-shares": ("cpu_shares", _whole),
    "cpus": ("nano_cpus", _cpus),
    "cpuset-cpus": ("cpuset_cpus", _one),
    "device": ("devices", _many),
    "dns": ("dns", _many),
    "entrypoint": ("entrypoint", _one),
    "env": ("environment", _pairs("=")),
    "gpus": ("device_requests", _gpus),
    "group-add": ("group_add", _many),
    "hostname": ("hostname", _one),
    "init": ("init", _flag),
    "ipc": ("ipc_mode", _one),
    "label": ("labels", _pairs("=")),
    "memory": ("mem_limit", _one),
    "memory-swap": ("memswap_limit", _one),
    "network": ("network", _one),
    "pid": ("pid_mode", _one),
    "platform": ("platform", _one),
    "privileged": ("privileged", _flag),
    "read-only": ("read_only", _flag),
    "runtime": ("runtime", _one),
    "security-opt": ("security_opt", _many),
    "shm-size": ("shm_size", _one),
    "tmpfs": ("tmpfs", _tmpfs),
    "tty": ("tty", _flag),
    "ulimit": ("ulimits", _ulimits),
    "user": ("user", _one),
    "volume": ("volumes", _many),
}
_SHORT = {"e": "env", "h": "hostname", "l": "label", "m": "memory", "net": "network", "t": "tty", "u": "user"} | {
    "v": "volume"
}


def container_arguments(given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments for Docker's API; InvalidValue for what is unknown or has a wrong value."""
    arguments: dict[str, Any] = {}
    for written, value in given.items():
        bare = written.lstrip("-")
        name = _SHORT.get(bare, bare)
        if name not in _KNOWN:
            raise InvalidValue("docker_args", written, "is not known", limit=", ".join(sorted(_KNOWN)))
        key, parse = _KNOWN[name]
        arguments[key] = parse(name, _texts(value))
    network = arguments.get("network")
    if network in _NETWORK_MODES or str(network).startswith("container:"):
        arguments["network_mode"] = arguments.pop("network")
    return arguments


def _texts(value: Any) -> list[str]:
    """The values of an argument: true for one without a value."""
    if isinstance(value, (list, tuple)):
        return [str(one) for one in value]
    return [str(value).lower() if isinstance(value, bool) else str(value)]
