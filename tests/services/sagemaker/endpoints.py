"""Endpoints that come up, change and fail as their containers do, and the checks that moto leaves out."""

import re
import threading

from containers import Container, exists
from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.iam.models import iam_backends
from moto.sagemaker.exceptions import ValidationError
from moto.sagemaker.models import SageMakerModelBackend
from moto.sagemaker.responses import SageMakerResponse

_TAG = re.compile(r"[\w\s.:/=+@-]*", re.UNICODE)
_BUSY = ("Creating", "Updating", "Deleting")
_lock = threading.RLock()
running = {}
"""By the ARN of an endpoint, the container of each of its variants."""
_original = {name: getattr(SageMakerModelBackend, name) for name in (
    "create_model", "create_endpoint_config", "create_endpoint", "delete_endpoint"
)}  # fmt: skip


def create_model(self, model_name, execution_role_arn, primary_container, *rest, **more):
    """Refuses a role that is not there, an archive that is not there, and a name that is taken."""
    _check_tags(more.get("tags"))
    if model_name in self._models:
        raise ValidationError(f'Cannot create already existing model "{model_name}".')
    roles = {role.arn for role in iam_backends[self.account_id][self.partition].roles.values()}
    if execution_role_arn not in roles:
        raise ValidationError(f"Could not access the role {execution_role_arn}: it cannot be assumed.")
    url = (primary_container or {}).get("ModelDataUrl", "")
    if not exists(self, url):
        raise ValidationError(f"Could not access model data at {url}.")
    return _original["create_model"](self, model_name, execution_role_arn, primary_container, *rest, **more)


def create_endpoint_config(self, endpoint_config_name, *rest, **more):
    """Refuses a name that is taken."""
    _check_tags(more.get("tags"))
    if endpoint_config_name in self.endpoint_configs:
        raise ValidationError(f'Cannot create already existing endpoint configuration "{endpoint_config_name}".')
    return _original["create_endpoint_config"](self, endpoint_config_name, *rest, **more)


def create_endpoint(self, endpoint_name, endpoint_config_name, tags):
    """Answers at once, and starts the containers."""
    _check_tags(tags)
    with _lock:
        if endpoint_name in self.endpoints:
            raise ValidationError(f'Cannot create already existing endpoint "{endpoint_name}".')
        endpoint = _original["create_endpoint"](self, endpoint_name, endpoint_config_name, tags)
        endpoint.endpoint_status = "Creating"
    threading.Thread(target=_bring_up, args=(self, endpoint, endpoint_config_name, "Failed"), daemon=True).start()
    return endpoint


def update_endpoint(self):
    """The operation that moto does not have: goes over to another configuration, or stays with the present one."""
    backend, name = self.sagemaker_backend, self._get_param("EndpointName")
    backend.describe_endpoint(name)
    config = self._get_param("EndpointConfigName")
    backend.describe_endpoint_config(config)
    with _lock:
        endpoint = backend.endpoints[name]
        if endpoint.endpoint_status in _BUSY:
            raise ValidationError(f'Cannot update in-progress endpoint "{endpoint.arn}".')
        endpoint.endpoint_status = "Updating"
    threading.Thread(target=_bring_up, args=(backend, endpoint, config, "InService"), daemon=True).start()
    return ActionResult({"EndpointArn": endpoint.arn})


def delete_endpoint(self, endpoint_name):
    """Ends the containers, too."""
    self.describe_endpoint(endpoint_name)
    with _lock:
        arn = self.endpoints[endpoint_name].arn
        _original["delete_endpoint"](self, endpoint_name)
        _stop(running.pop(arn, {}))


def update_weights(self):
    """moto forgets the number of machines where only a weight is given."""
    backend, name = self.sagemaker_backend, self._get_param("EndpointName")
    backend.describe_endpoint(name)
    wanted = {one["VariantName"]: one for one in self._get_param("DesiredWeightsAndCapacities")}
    with _lock:
        endpoint = backend.endpoints[name]
        if endpoint.endpoint_status in _BUSY:
            raise ValidationError(f'Cannot update in-progress endpoint "{endpoint.arn}".')
        variants = {one["VariantName"]: one for one in endpoint.production_variants}
        if unknown := wanted.keys() - variants.keys():
            raise ValidationError(f"The variant name(s) {sorted(unknown)} are not present.")
        for key, one in wanted.items():
            variants[key]["DesiredWeight"] = variants[key]["CurrentWeight"] = one["DesiredWeight"]
        endpoint.last_modified_time = utcnow()
    return ActionResult({"EndpointArn": endpoint.arn})


def _bring_up(backend, endpoint, config_name, otherwise):
    """Start a container for each variant; all must answer, or the endpoint gets the status `otherwise`."""
    config = backend.describe_endpoint_config(config_name)
    started, failed = {}, None
    for variant in config["ProductionVariants"]:
        name = variant["VariantName"]
        try:
            started[name] = Container(backend, backend.describe_model(variant["ModelName"]))
            failed = None if started[name].ready() else name
        except Exception:  # noqa: BLE001  whatever it is: SageMaker says no more, either
            failed = name
        if failed:
            break
    with _lock:
        gone = backend.endpoints.get(endpoint.endpoint_name) is not endpoint
        if failed or gone:
            endpoint.failure_reason = (
                f"The primary container for production variant {failed} did not pass the ping health check."
            )
            endpoint.endpoint_status = otherwise
            _stop(started)
            return
        _stop(running.get(endpoint.arn, {}))
        running[endpoint.arn] = started
        endpoint.endpoint_config_name = config_name
        endpoint.production_variants = endpoint._process_production_variants(config["ProductionVariants"])
        endpoint.failure_reason = None
        endpoint.last_modified_time = utcnow()
        endpoint.endpoint_status = "InService"


def _stop(containers):
    for one in containers.values():
        one.stop()


def _check_tags(tags):
    for tag in tags or []:
        if len(tag["Key"]) > 128 or len(tag["Value"]) > 256 or not _TAG.fullmatch(tag["Key"] + tag["Value"]):
            raise ValidationError(f"The tag {tag['Key']!r} does not have the form that is required.")
    if len(tags or []) > 50:
        raise ValidationError("There are more than 50 tags.")


def install():
    """Put all of it into moto."""
    for function in (create_model, create_endpoint_config, create_endpoint, delete_endpoint):
        setattr(SageMakerModelBackend, function.__name__, function)
    SageMakerResponse.update_endpoint = update_endpoint
    SageMakerResponse.update_endpoint_weights_and_capacities = update_weights
