"""Settings: the one place that reads the environment.

Every setting has a `WINDLASS_*` variable; where MLflow has one of the same meaning it is honoured when ours is unset.
With nothing set, everything lives in the project's `.windlass` directory, found upwards like `.git`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from windlass.errors import InvalidValue

HOME_NAME = ".windlass"
_MANY = 1_000_000
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


def parse_bool(name: str, text: str) -> bool:
    """Read a switch: 1/true/yes/on or 0/false/no/off, in any case."""
    lowered = text.strip().lower()
    if lowered in _TRUE | _FALSE:
        return lowered in _TRUE
    raise InvalidValue(name, text, "must be true or false")


def _text(_name: str, text: str) -> str:
    return text


def parse_names(_name: str, text: str) -> tuple[str, ...]:
    """The parts of a list with commas, without the empty ones."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _json_object(name: str, text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise InvalidValue(name, text, "must be a JSON object", hint='for example {"ServerSideEncryption": "aws:kms"}')
    return found


def _number(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise InvalidValue(name, text, "must be a number") from None
    if not 0 < number < _MANY:
        raise InvalidValue(name, text, "must be a positive number", limit=f"0 < n < {_MANY}")
    return number


def _count(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise InvalidValue(name, text, "must be a whole number of 0 or more")
    return int(text)


def _choice(*known: str) -> Callable[[str, str], str]:
    def parse(name: str, text: str) -> str:
        if text.lower() not in known:
            raise InvalidValue(name, text, "is not known", limit=", ".join(known))
        return text.lower()

    return parse


def _setting(
    doc: str, variable: str, *others: str, default: Any = None, parse: Callable[[str, str], Any] = _text
) -> Any:
    """A field of `Settings`, read from the first of its variables that is set."""
    return field(default=default, metadata={"doc": doc, "variables": (variable, *others), "parse": parse})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What can be configured from outside; `Settings.load()` reads it once and it is passed down from there."""

    home: Path = field(default=Path(HOME_NAME))
    tracking_uri: str | None = _setting("Where runs are kept.", "WINDLASS_TRACKING_URI", "MLFLOW_TRACKING_URI")
    registry_uri: str | None = _setting(
        "Where registered models are kept; the tracking URI if unset.", "WINDLASS_REGISTRY_URI", "MLFLOW_REGISTRY_URI"
    )
    artifact_root: str | None = _setting(
        "Where the artifacts of new experiments go.", "WINDLASS_ARTIFACT_ROOT", "MLFLOW_DEFAULT_ARTIFACT_ROOT"
    )
    artifacts_destination: str | None = _setting(
        "Where a server keeps what `mlflow-artifacts:` URIs name.",
        "WINDLASS_ARTIFACTS_DESTINATION",
        "MLFLOW_ARTIFACTS_DESTINATION",
    )
    artifacts_dedup: bool = _setting(
        "Keep equal files below the artifact root once; the same for all who use the root.",
        "WINDLASS_ARTIFACTS_DEDUP",
        default=False,
        parse=parse_bool,
    )
    experiment_name: str | None = _setting(
        "The experiment of new runs, by name.", "WINDLASS_EXPERIMENT_NAME", "MLFLOW_EXPERIMENT_NAME"
    )
    experiment_id: str | None = _setting(
        "The experiment of new runs, by id.", "WINDLASS_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_ID"
    )
    run_id: str | None = _setting("The run that start_run() resumes.", "WINDLASS_RUN_ID", "MLFLOW_RUN_ID")
    run_name: str | None = _setting("The name of the next run.", "WINDLASS_RUN_NAME", "MLFLOW_RUN_NAME")
    deployment_target: str | None = _setting(
        "The deployment target when none is named.", "WINDLASS_DEPLOYMENT_TARGET", "MLFLOW_DEPLOYMENTS_TARGET"
    )
    username: str | None = _setting("User name for a remote server.", "WINDLASS_USERNAME", "MLFLOW_TRACKING_USERNAME")
    password: str | None = _setting("Password for a remote server.", "WINDLASS_PASSWORD", "MLFLOW_TRACKING_PASSWORD")
    token: str | None = _setting("Bearer token for a remote server.", "WINDLASS_TOKEN", "MLFLOW_TRACKING_TOKEN")
    insecure_tls: bool = _setting(
        "Accept any certificate of a remote server.",
        "WINDLASS_INSECURE_TLS",
        "MLFLOW_TRACKING_INSECURE_TLS",
        default=False,
        parse=parse_bool,
    )
    ca_file: str | None = _setting(
        "Certificate authorities to trust, a PEM file.", "WINDLASS_CA_FILE", "MLFLOW_TRACKING_SERVER_CERT_PATH"
    )
    http_timeout: float = _setting(
        "Seconds to wait for an answer of a remote server.",
        "WINDLASS_HTTP_TIMEOUT",
        "MLFLOW_HTTP_REQUEST_TIMEOUT",
        default=120.0,
        parse=_number,
    )
    http_retries: int = _setting(
        "How often a failed request is tried again.",
        "WINDLASS_HTTP_RETRIES",
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES",
        default=5,
        parse=_count,
    )
    sqlite_synchronous: str = _setting(
        "SQLite durability: `normal` survives a killed process, `full` also a power cut.",
        "WINDLASS_SQLITE_SYNCHRONOUS",
        default="normal",
        parse=_choice("normal", "full"),
    )
    sqlite_busy_timeout: float = _setting(
        "Seconds to wait for another process that writes to the same SQLite file.",
        "WINDLASS_SQLITE_BUSY_TIMEOUT",
        default=60.0,
        parse=_number,
    )
    allow_pickle: str = _setting(
        "Load models that execute code: `true`, `false`, or `owned` (those of your own runs and registry).",
        "WINDLASS_ALLOW_PICKLE",
        default="owned",
        parse=_choice("true", "false", "owned"),
    )
    auth: bool = _setting(
        "The server asks who is asking, and lets everybody do only what was granted.",
        "WINDLASS_AUTH",
        default=False,
        parse=parse_bool,
    )
    default_permission: str = _setting(
        "What an account may do where nothing was granted: `NO_PERMISSIONS`, `READ`, `USE`, `EDIT` or `MANAGE`.",
        "WINDLASS_DEFAULT_PERMISSION",
        default="read",
        parse=_choice("no_permissions", "read", "use", "edit", "manage"),
    )
    admin_username: str = _setting(
        "The name of the first administrator.",
        "WINDLASS_ADMIN_USERNAME",
        "MLFLOW_AUTH_ADMIN_USERNAME",
        default="admin",
    )
    admin_password: str | None = _setting(
        "The password of the first administrator, needed once.",
        "WINDLASS_ADMIN_PASSWORD",
        "MLFLOW_AUTH_ADMIN_PASSWORD",
    )
    audit: str = _setting(
        "What the audit log of a server with accounts keeps: `changes`, or `all` with what runs log.",
        "WINDLASS_AUDIT",
        default="changes",
        parse=_choice("changes", "all"),
    )
    allowed_artifact_locations: tuple[str, ...] = _setting(
        "Where clients, other than administrators, may let a server keep and find files besides its own place.",
        "WINDLASS_ALLOWED_ARTIFACT_LOCATIONS",
        default=(),
        parse=parse_names,
    )
    s3_endpoint_url: str | None = _setting(
        "The S3 server, as a URL, where it is not Amazon's.", "WINDLASS_S3_ENDPOINT_URL", "MLFLOW_S3_ENDPOINT_URL"
    )
    s3_ignore_tls: bool = _setting(
        "Accept any certificate of an S3 server.",
        "WINDLASS_S3_IGNORE_TLS",
        "MLFLOW_S3_IGNORE_TLS",
        default=False,
        parse=parse_bool,
    )
    s3_upload_extra_args: Mapping[str, Any] | None = _setting(
        'More arguments for uploads to S3, as JSON: `{"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "…"}`.',
        "WINDLASS_S3_UPLOAD_EXTRA_ARGS",
        "MLFLOW_S3_UPLOAD_EXTRA_ARGS",
        parse=_json_object,
    )
    s3_expected_bucket_owner: str | None = _setting(
        "The account that S3 buckets must belong to; requests for those of others fail.",
        "WINDLASS_S3_EXPECTED_BUCKET_OWNER",
        "MLFLOW_S3_EXPECTED_BUCKET_OWNER",
    )
    s3_addressing_style: str | None = _setting(
        "Where the bucket stands in the URLs of S3: `path`, `virtual` (in the host's name) or `auto`.",
        "WINDLASS_S3_ADDRESSING_STYLE",
        "MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE",
        parse=_choice("auto", "path", "virtual"),
    )
    sagemaker_image_url: str | None = _setting(
        "The image that serves models on SageMaker, where a deployment names none.",
        "WINDLASS_SAGEMAKER_IMAGE_URL",
        "MLFLOW_SAGEMAKER_DEPLOY_IMG_URL",
    )
    gcs_emulator: str | None = _setting(
        "An emulator of Google Cloud Storage, as a URL; it is used without credentials.",
        "WINDLASS_GCS_EMULATOR",
        "STORAGE_EMULATOR_HOST",
    )
    azure_connection_string: str | None = _setting(
        "How to reach an Azure storage account, as its connection string.",
        "WINDLASS_AZURE_CONNECTION_STRING",
        "AZURE_STORAGE_CONNECTION_STRING",
    )
    azure_access_key: str | None = _setting(
        "The key of an Azure storage account.", "WINDLASS_AZURE_ACCESS_KEY", "AZURE_STORAGE_ACCESS_KEY"
    )
    elasticsearch_api_key: str | None = _setting(
        "The API key to sign in with at Elasticsearch, as the cluster gave it (encoded).",
        "WINDLASS_ELASTICSEARCH_API_KEY",
    )
    elasticsearch_ca_file: str | None = _setting(
        "Certificate authorities to trust for Elasticsearch, a PEM file.", "WINDLASS_ELASTICSEARCH_CA_FILE"
    )
    elasticsearch_timeout: float = _setting(
        "Seconds to wait for an answer of Elasticsearch.",
        "WINDLASS_ELASTICSEARCH_TIMEOUT",
        default=30.0,
        parse=_number,
    )
    ray_address: str | None = _setting(
        "The URL of the dashboard of a Ray cluster, when nobody names one.",
        "WINDLASS_RAY_ADDRESS",
        "RAY_API_SERVER_ADDRESS",
    )
    ray_token: str | None = _setting(
        "The token to sign in with at a Ray cluster that asks for one.", "WINDLASS_RAY_TOKEN", "RAY_AUTH_TOKEN"
    )
    kubernetes_tracking_uri: str | None = _setting(
        "The tracking server as pods of Kubernetes reach it, where that is another URL than ours.",
        "WINDLASS_KUBERNETES_TRACKING_URI",
        "KUBE_MLFLOW_TRACKING_URI",
    )
    ray_timeout: float = _setting(
        "Seconds to wait for an answer of Ray's dashboard.", "WINDLASS_RAY_TIMEOUT", default=60.0, parse=_number
    )
    session_hours: float = _setting(
        "How many hours a browser stays signed in.", "WINDLASS_SESSION_HOURS", default=12.0, parse=_number
    )
    create_users: bool = _setting(
        "Make an account for whoever an identity provider or a proxy vouches for.",
        "WINDLASS_CREATE_USERS",
        default=True,
        parse=parse_bool,
    )
    trusted_proxies: tuple[str, ...] = _setting(
        "Addresses or networks of proxies whose word on the client and the user counts.",
        "WINDLASS_TRUSTED_PROXIES",
        default=(),
        parse=parse_names,
    )
    auth_proxy_header: str | None = _setting(
        "The header in which a trusted proxy names the user that it let in.", "WINDLASS_AUTH_PROXY_HEADER"
    )
    static_prefix: str = _setting(
        "The path below which a proxy shows the server, such as `/windlass`.", "WINDLASS_STATIC_PREFIX", default=""
    )
    oidc_issuer: str | None = _setting(
        "The OpenID Connect provider that vouches for users, as a URL.", "WINDLASS_OIDC_ISSUER"
    )
    oidc_client_id: str | None = _setting("The server's client id at the provider.", "WINDLASS_OIDC_CLIENT_ID")
    oidc_client_secret: str | None = _setting(
        "The server's secret at the provider; a public client has none.", "WINDLASS_OIDC_CLIENT_SECRET"
    )
    oidc_scopes: str = _setting(
        "What the server asks the provider for.", "WINDLASS_OIDC_SCOPES", default="openid profile email"
    )
    oidc_audience: str | None = _setting(
        "The audience that bearer tokens of the provider must be for; the client id if unset.",
        "WINDLASS_OIDC_AUDIENCE",
    )
    oidc_username_claim: str = _setting(
        "The claim that names the account.", "WINDLASS_OIDC_USERNAME_CLAIM", default="preferred_username"
    )
    oidc_groups_claim: str = _setting(
        "The claim that names the groups.", "WINDLASS_OIDC_GROUPS_CLAIM", default="groups"
    )
    oidc_admin_group: str | None = _setting(
        "The group of the provider whose members are administrators.", "WINDLASS_OIDC_ADMIN_GROUP"
    )
    webhook_allowed_hosts: tuple[str, ...] = _setting(
        "Hosts inside that webhooks may be sent to besides public addresses: names, addresses or networks.",
        "WINDLASS_WEBHOOK_ALLOWED_HOSTS",
        default=(),
        parse=parse_names,
    )
    webhook_secret_key: str | None = _setting(
        "A Fernet key that keeps the secrets of webhooks unreadable in the database.",
        "WINDLASS_WEBHOOK_SECRET_KEY",
        "MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY",
    )
    storage_timeout: float = _setting(
        "Seconds to wait for an answer of a file server: SFTP, FTP, HDFS, HTTP.",
        "WINDLASS_STORAGE_TIMEOUT",
        default=60.0,
        parse=_number,
    )
    sftp_known_hosts: str | None = _setting(
        "The file with the keys of SFTP servers to trust; `known_hosts` of `~/.ssh` and `/etc/ssh` if unset.",
        "WINDLASS_SFTP_KNOWN_HOSTS",
    )
    sftp_config: str = _setting(
        "The file of OpenSSH that says users, ports and keys of SFTP servers.",
        "WINDLASS_SFTP_CONFIG",
        default="~/.ssh/config",
    )
    sftp_key_file: str | None = _setting(
        "The private key to sign in with at SFTP servers; those of `~/.ssh` and of the agent if unset.",
        "WINDLASS_SFTP_KEY_FILE",
    )
    sftp_key_passphrase: str | None = _setting("What unlocks the private key.", "WINDLASS_SFTP_KEY_PASSPHRASE")
    sftp_password: str | None = _setting(
        "The password at SFTP servers, where the URI has none.", "WINDLASS_SFTP_PASSWORD"
    )
    ftp_password: str | None = _setting(
        "The password at FTP servers, where the URI has a user and no password.", "WINDLASS_FTP_PASSWORD"
    )
    hdfs_user: str | None = _setting(
        "The user of HDFS, where the URI has none; whoever runs this if unset.",
        "WINDLASS_HDFS_USER",
        "HADOOP_USER_NAME",
    )
    hdfs_token: str | None = _setting("A delegation token for WebHDFS, instead of a user.", "WINDLASS_HDFS_TOKEN")
    hdfs_ticket_cache: str | None = _setting(
        "The file with the Kerberos tickets for `hdfs://`; that of the system if unset.",
        "WINDLASS_HDFS_TICKET_CACHE",
        "MLFLOW_KERBEROS_TICKET_CACHE",
    )
    torchserve_key_file: str | None = _setting(
        "The `key_file.json` that TorchServe writes, with the keys of its interfaces.", "WINDLASS_TORCHSERVE_KEY_FILE"
    )
    torchserve_management_key: str | None = _setting(
        "The key of TorchServe's management interface, where there is no file.", "WINDLASS_TORCHSERVE_MANAGEMENT_KEY"
    )
    torchserve_inference_key: str | None = _setting(
        "The key of TorchServe's inference interface, where there is no file.", "WINDLASS_TORCHSERVE_INFERENCE_KEY"
    )
    azure_management_url: str = _setting(
        "Azure Resource Manager, as a URL; another one in the clouds of governments.",
        "WINDLASS_AZURE_MANAGEMENT_URL",
        default="https://management.azure.com",
    )
    azure_authority_host: str = _setting(
        "Where one signs in to Azure, as a URL.",
        "WINDLASS_AZURE_AUTHORITY_HOST",
        "AZURE_AUTHORITY_HOST",
        default="https://login.microsoftonline.com",
    )
    azure_tenant_id: str | None = _setting(
        "The tenant of the service principal to sign in as to Azure.", "WINDLASS_AZURE_TENANT_ID", "AZURE_TENANT_ID"
    )
    azure_client_id: str | None = _setting(
        "The service principal to sign in as to Azure.", "WINDLASS_AZURE_CLIENT_ID", "AZURE_CLIENT_ID"
    )
    azure_client_secret: str | None = _setting(
        "The secret of the service principal.", "WINDLASS_AZURE_CLIENT_SECRET", "AZURE_CLIENT_SECRET"
    )
    databricks_host: str | None = _setting(
        "The workspace of Databricks, as a URL.", "WINDLASS_DATABRICKS_HOST", "DATABRICKS_HOST"
    )
    databricks_token: str | None = _setting(
        "The token to sign in with at Databricks.", "WINDLASS_DATABRICKS_TOKEN", "DATABRICKS_TOKEN"
    )
    databricks_client_id: str | None = _setting(
        "The service principal to sign in as at Databricks, where there is no token.",
        "WINDLASS_DATABRICKS_CLIENT_ID",
        "DATABRICKS_CLIENT_ID",
    )
    databricks_client_secret: str | None = _setting(
        "The OAuth secret of the service principal at Databricks.",
        "WINDLASS_DATABRICKS_CLIENT_SECRET",
        "DATABRICKS_CLIENT_SECRET",
    )
    databricks_config_file: str = _setting(
        "The file with profiles for Databricks.",
        "WINDLASS_DATABRICKS_CONFIG_FILE",
        "DATABRICKS_CONFIG_FILE",
        default="~/.databrickscfg",
    )
    databricks_profile: str = _setting(
        "The profile to take where no host is named.",
        "WINDLASS_DATABRICKS_PROFILE",
        "DATABRICKS_CONFIG_PROFILE",
        default="DEFAULT",
    )
    vertex_ai_url: str | None = _setting("Vertex AI, as a URL; that of the region if unset.", "WINDLASS_VERTEX_AI_URL")
    google_token: str | None = _setting(
        "An access token of Google Cloud for Vertex AI; without, Google's default credentials are taken.",
        "WINDLASS_GOOGLE_TOKEN",
        "CLOUDSDK_AUTH_ACCESS_TOKEN",
    )
    redis_host: str = _setting(
        "The Redis with RedisAI, where the target names none.", "WINDLASS_REDIS_HOST", "REDIS_HOST", default="127.0.0.1"
    )
    redis_port: int = _setting("Its port.", "WINDLASS_REDIS_PORT", "REDIS_PORT", default=6379, parse=_count)
    redis_db: int = _setting("The number of its database.", "WINDLASS_REDIS_DB", "REDIS_DB", default=0, parse=_count)
    redis_username: str | None = _setting(
        "The user to sign in as at Redis, where the target names none.", "WINDLASS_REDIS_USERNAME", "REDIS_USERNAME"
    )
    redis_password: str | None = _setting(
        "The password at Redis, where the target has none.", "WINDLASS_REDIS_PASSWORD", "REDIS_PASSWORD"
    )
    algorithmia_api: str | None = _setting(
        "The API of an Algorithmia Enterprise, as a URL.", "WINDLASS_ALGORITHMIA_API", "ALGORITHMIA_API"
    )
    algorithmia_api_key: str | None = _setting(
        "A key of it that may manage algorithms.", "WINDLASS_ALGORITHMIA_API_KEY", "ALGORITHMIA_API_KEY"
    )
    algorithmia_username: str | None = _setting(
        "Whose key that is, and whose algorithms, where the target names nobody.",
        "WINDLASS_ALGORITHMIA_USERNAME",
        "ALGORITHMIA_USERNAME",
    )
    algorithmia_git_endpoint: str | None = _setting(
        "Its git server, a host or a URL; `git.` and the cluster's domain if unset.",
        "WINDLASS_ALGORITHMIA_GIT_ENDPOINT",
        "ALGORITHMIA_GIT_ENDPOINT",
    )
    algorithmia_environment: str | None = _setting(
        "The option `algorithm_environment` where it is not given.", "WINDLASS_ALGORITHMIA_ENVIRONMENT", "ALGO_ENV_ID"
    )
    algorithmia_package_set: str | None = _setting(
        "The option `package_set` where it is not given.", "WINDLASS_ALGORITHMIA_PACKAGE_SET", "ALGO_PACKAGE_SET"
    )
    algorithmia_source_visibility: str | None = _setting(
        "The option `source_visibility` where it is not given.",
        "WINDLASS_ALGORITHMIA_SOURCE_VISIBILITY",
        "ALGO_SRC_VISIBILITY",
    )
    algorithmia_license: str | None = _setting(
        "The option `license` where it is not given.", "WINDLASS_ALGORITHMIA_LICENSE", "ALGO_LICENSE"
    )
    algorithmia_network_access: str | None = _setting(
        "The option `network_access` where it is not given.",
        "WINDLASS_ALGORITHMIA_NETWORK_ACCESS",
        "ALGO_NETWORK_ACCESS",
    )
    algorithmia_pipeline: str | None = _setting(
        "The option `pipeline_enabled` where it is not given.", "WINDLASS_ALGORITHMIA_PIPELINE", "ALGO_PIPELINE"
    )
    disable_plugins: tuple[str, ...] = _setting(
        "Plugins that stay off, by entry point name.", "WINDLASS_DISABLE_PLUGINS", default=(), parse=parse_names
    )
    only_plugins: tuple[str, ...] = _setting(
        "The only plugins to load besides core's own.", "WINDLASS_ONLY_PLUGINS", default=(), parse=parse_names
    )

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, directory: Path | None = None) -> Settings:
        """Read the environment; the home is the nearest `.windlass` at or above `directory` (default: here)."""
        environ = os.environ if environ is None else environ
        values: dict[str, Any] = {"home": _find_home(environ, directory or Path.cwd())}
        for option in options():
            for variable in option.metadata["variables"]:
                if text := environ.get(variable):
                    values[option.name] = option.metadata["parse"](variable, text)
                    break
        return cls(**values)

    @property
    def default_tracking_uri(self) -> str:
        """The project's own SQLite file."""
        return f"sqlite:///{self.home.as_posix()}/windlass.db"

    @property
    def default_artifact_root(self) -> str:
        """Where artifacts go when nothing says otherwise."""
        return self.artifact_root or (self.home / "artifacts").absolute().as_uri()


def options() -> tuple[Field[Any], ...]:
    """The fields of `Settings` that an environment variable sets, in order; their metadata documents them."""
    return tuple(option for option in fields(Settings) if option.metadata)


def fingerprint() -> tuple[object, ...]:
    """Changes when `Settings.load()` could give something else: the variables and the directory we are in."""
    # On the path of every logged number: Path.cwd() would cost ten times as much.
    return (os.getcwd(), *map(os.environ.get, _VARIABLES))  # noqa: PTH109


def _find_home(environ: Mapping[str, str], directory: Path) -> Path:
    if named := environ.get("WINDLASS_HOME"):
        return Path(named).expanduser().absolute()
    here = directory.absolute()
    for candidate in (here, *here.parents):
        if (candidate / HOME_NAME).is_dir():
            return candidate / HOME_NAME
    return here / HOME_NAME


_VARIABLES = ("WINDLASS_HOME", *(variable for option in options() for variable in option.metadata["variables"]))
