"""What this distribution plugs in. Cheap: it imports nothing of the rest."""

from __future__ import annotations

from windlass.plugins import Command, Kind, Provider, hookimpl


@hookimpl
def windlass_providers() -> list[Provider]:
    """Deployments on SageMaker."""
    return [
        Provider(
            Kind.DEPLOYMENT_TARGET,
            ("sagemaker",),
            "windlass_sagemaker.target:SageMakerTarget",
            "Endpoints of Amazon SageMaker.",
            suite="windlass_sagemaker.conformance:TestSageMakerTarget",
            install="windlass[sagemaker]",
        ),
    ]


@hookimpl
def windlass_commands() -> list[Command]:
    """The commands that run transform jobs, and make images."""
    return [
        Command("sagemaker", "windlass_sagemaker.cli:sagemaker", "Run models on data in S3, with SageMaker."),
        Command(
            "sagemaker build-and-push-container",
            "windlass_sagemaker.image_command:build_and_push_container",
            "Build the image that endpoints start, and push it to ECR.",
        ),
    ]
