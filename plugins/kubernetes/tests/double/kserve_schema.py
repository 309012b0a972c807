"""The fields of an InferenceService, serving.kserve.io/v1beta1, that the published CRD has and that are used here."""

from __future__ import annotations

_MODEL = {
    "modelFormat!": {"name!": "str", "version": "str"},
    "storageUri": "str",
    "protocolVersion": "str",
    "runtime": "str",
    "name": "str",
    "image": "str",
    "imagePullPolicy": "str",
    "env": ["V1EnvVar"],
    "envFrom": ["V1EnvFromSource"],
    "resources": "V1ResourceRequirements",
    "args": ["str"],
}
_PREDICTOR = {
    "minReplicas": "int",
    "maxReplicas": "int",
    "scaleTarget": "int",
    "scaleMetric": "str",
    "containerConcurrency": "int",
    "timeout": "int",
    "canaryTrafficPercent": "int",
    "model": _MODEL,
    "containers": ["V1Container"],
    "volumes": ["V1Volume"],
    "serviceAccountName": "str",
    "nodeSelector": "dict[str, str]",
    "imagePullSecrets": ["V1LocalObjectReference"],
    "terminationGracePeriodSeconds": "int",
    "labels": "dict[str, str]",
    "annotations": "dict[str, str]",
}
INFERENCE_SERVICE = {
    "apiVersion": "str",
    "kind": "str",
    "metadata!": "V1ObjectMeta",
    "spec!": {"predictor!": _PREDICTOR},
    "status": "object",
}
