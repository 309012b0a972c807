"""windlass sagemaker: run models on data in S3."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from windlass.cli.extensible_group import ExtensibleGroup
from windlass_sagemaker.address import Address

region_name = click.option("--region-name", default=None, help="The region; that of the AWS configuration without.")
archive = click.option("--archive", is_flag=True, help="Keep the model at SageMaker and its archive in S3.")
at_once = click.option("--async", "at_once", is_flag=True, help="Do not wait until it is done.")
timeout = click.option(
    "--timeout",
    type=click.FloatRange(0.001, 86_400),
    default=1200.0,
    show_default=True,
    help="Seconds to wait.",
)
job_name = click.option("-n", "--job-name", required=True, help="The job's name.")


@click.group(cls=ExtensibleGroup)
def sagemaker() -> None:
    """Run models on data in S3, with SageMaker."""


@sagemaker.command()
@job_name
@click.option("-m", "--model-uri", required=True, metavar="URI", help="Such as models:/fraud@champion.")
@click.option(
    "--input-data-type",
    required=True,
    type=click.Choice(["S3Prefix", "ManifestFile"]),
    help="What the input URI names.",
)
@click.option("-u", "--input-uri", required=True, metavar="S3_URI", help="Where the data is.")
@click.option("--content-type", required=True, help="Its media type, such as text/csv.")
@click.option("-o", "--output-path", required=True, metavar="S3_URI", help="Where the predictions go.")
@click.option("--compression-type", type=click.Choice(["None", "Gzip"]), default="None", show_default=True)
@click.option(
    "-s",
    "--split-type",
    type=click.Choice(["None", "Line", "RecordIO", "TFRecord"]),
    default="Line",
    show_default=True,
    help="How a file is cut into requests.",
)
@click.option("-a", "--accept", default="text/csv", show_default=True, help="The media type of the predictions.")
@click.option("--assemble-with", type=click.Choice(["None", "Line"]), help="How answers are put together in a file.")
@click.option("--input-filter", metavar="JSONPATH", help="The part of a record that the model gets.")
@click.option("--output-filter", metavar="JSONPATH", help="The part of the result that is written.")
@click.option("-j", "--join-resource", type=click.Choice(["None", "Input"]), help="Write the input beside its answer.")
@click.option("-e", "--execution-role-arn", help="The role that SageMaker gives to the model.")
@click.option("-b", "--bucket", help="The bucket for the model's archive.")
@click.option("-i", "--image-url", help="The image of the scoring server.")
@region_name
@click.option("-t", "--instance-type", default="ml.m4.xlarge", show_default=True, help="The kind of machine.")
@click.option("-c", "--instance-count", type=click.IntRange(1, 1000), default=1, show_default=True)
@click.option("-v", "--vpc-config", type=click.Path(path_type=Path), help="A JSON file with the private network.")
@click.option("-f", "--flavor", default="python_function", show_default=True, help="The flavor to use.")
@archive
@at_once
@timeout
def deploy_transform_job(job_name: str, model_uri: str, **given: Any) -> None:
    """Run a model on all that lies below a place in S3."""
    from windlass.cli.session import workspace  # noqa: PLC0415  a command imports what it needs when it runs
    from windlass.interfaces import DeploymentRequest  # noqa: PLC0415  as above
    from windlass_sagemaker.transform import TransformData  # noqa: PLC0415  as above

    flavor, region, config = given.pop("flavor"), given.pop("region_name"), _config(given)
    data = TransformData(**given)
    stores = workspace()
    fixed = stores.model_versions.resolve(model_uri)
    with stores.artifacts.fetched(fixed) as path:
        request = DeploymentRequest(
            name=job_name, model_uri=model_uri, resolved_uri=fixed, model_path=path, flavor=flavor, config=config
        )
        status = _jobs(region).deploy(request, data)
    click.echo(f"{job_name} {status}")


@sagemaker.command()
@job_name
@region_name
@archive
@at_once
@timeout
def terminate_transform_job(
    job_name: str,
    region_name: str | None,
    archive: bool,  # noqa: FBT001  a switch of the command line
    at_once: bool,  # noqa: FBT001  as above
    timeout: float,
) -> None:
    """Stop a job, and remove its model."""
    _jobs(region_name).terminate(job_name, archive=archive, synchronous=not at_once, timeout=timeout)
    click.echo(f"{job_name} terminated")


def _config(given: dict[str, Any]) -> dict[str, str]:
    """The options that deployments have too, taken out of those of the command."""
    config = {key: given.pop(key) for key in ("execution_role_arn", "bucket", "image_url")}
    network = given.pop("vpc_config")
    if network is not None:
        from windlass.services.document_file import read_document  # noqa: PLC0415  seldom needed

        config["vpc_config"] = json.dumps(read_document(network, field="vpc-config"))
    config |= {
        "archive": str(given.pop("archive")),
        "synchronous": str(not given.pop("at_once")),
        "timeout_seconds": str(given.pop("timeout")),
    }
    return {key: value for key, value in config.items() if value is not None}


def _jobs(region: str | None) -> Any:
    from windlass.config import Settings  # noqa: PLC0415  a command imports what it needs when it runs
    from windlass_sagemaker.clients import Clients  # noqa: PLC0415  as above
    from windlass_sagemaker.transform import TransformJobs  # noqa: PLC0415  as above

    settings = Settings.load()
    address = Address.parse(f"sagemaker:/{region or ''}")
    return TransformJobs(Clients(address), image=settings.sagemaker_image_url, allow_pickle=settings.allow_pickle)
