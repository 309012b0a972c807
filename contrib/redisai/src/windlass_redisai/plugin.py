"""What this distribution plugs in. Cheap: it imports nothing of the rest."""

from __future__ import annotations

from windlass import Kind, Provider, hookimpl


@hookimpl
def windlass_providers() -> list[Provider]:
    """Deployments on RedisAI."""
    return [
        Provider(
            Kind.DEPLOYMENT_TARGET,
            ("redisai",),
            "windlass_redisai.target:RedisAITarget",
            "ONNX and TorchScript models in a RedisAI.",
            suite="windlass_redisai.conformance:TestRedisAITarget",
            install="windlass-redisai",
        )
    ]
