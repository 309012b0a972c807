"""SignIn: the workspace that a target names, and who asks there."""

from __future__ import annotations

from collections.abc import Mapping
from configparser import ConfigParser, Error
from dataclasses import dataclass, field
from pathlib import Path

from windlass.config import Settings
from windlass.errors import InvalidValue, Unauthenticated

_HINT = "set DATABRICKS_HOST and DATABRICKS_TOKEN, or name a profile of ~/.databrickscfg, as in databricks://PROFILE"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A workspace's URL with a token, or with the id and the secret of a service principal."""

    host: str
    token: str | None = field(default=None, repr=False)
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)

    @classmethod
    def find(cls, target: str, settings: Settings) -> SignIn:
        """What `databricks`, `databricks://PROFILE` or `databricks:/https://HOST` means; InvalidValue for others.

        The settings count where no profile is named; where they name no host, the default profile does.
        """
        rest = target.partition(":")[2]
        if rest.startswith("//") and len(rest) > len("//"):
            return cls._of_profile(rest.removeprefix("//").rstrip("/"), settings)
        host = rest.lstrip("/") or settings.databricks_host
        if not host:
            return cls._of_profile(settings.databricks_profile, settings)
        return cls._checked(
            host=host,
            token=settings.databricks_token,
            client_id=settings.databricks_client_id,
            client_secret=settings.databricks_client_secret,
        )

    @classmethod
    def _of_profile(cls, name: str, settings: Settings) -> SignIn:
        file = Path(settings.databricks_config_file).expanduser()
        found = _profile(file, name)
        return cls._checked(
            host=found.get("host"),
            token=found.get("token"),
            client_id=found.get("client_id"),
            client_secret=found.get("client_secret"),
        )

    @classmethod
    def _checked(
        cls, *, host: str | None, token: str | None, client_id: str | None, client_secret: str | None
    ) -> SignIn:
        if not host:
            raise InvalidValue("target", "databricks", "names no workspace", hint=_HINT)
        if not token and not (client_id and client_secret):
            hint = "set DATABRICKS_TOKEN, or DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET, or use a profile"
            raise Unauthenticated(f"nobody is named to sign in as at {host}", hint=hint)
        url = host if "://" in host else f"https://{host}"
        return cls(host=url.rstrip("/"), token=token, client_id=client_id, client_secret=client_secret)


def _profile(file: Path, name: str) -> Mapping[str, str]:
    parser = ConfigParser(interpolation=None)
    try:
        parser.read_string(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InvalidValue("target", name, f"names a profile, and there is no {file}", hint=_HINT) from None
    except (OSError, Error, UnicodeDecodeError) as error:
        # The file holds secrets, and the parser's message quotes it.
        raise InvalidValue("databricks_config_file", str(file), "cannot be read", hint=_HINT) from error
    if name == parser.default_section:
        return parser.defaults()
    if not parser.has_section(name):
        limit = ", ".join(parser.sections()) or "none"
        raise InvalidValue("target", name, f"is no profile in {file}", limit=limit, hint=_HINT)
    return dict(parser[name])
