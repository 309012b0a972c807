"""The Dockerfile of a model's image."""

from __future__ import annotations

import json
from collections.abc import Iterator

from windlass.services.model_image.contract import ENTRYPOINT, IMAGE_LABEL, MODEL_PLACE, PORT
from windlass.services.model_image.model_needs import ModelNeeds
from windlass.services.model_image.recipe import ImageRecipe

_HOME, _GIVEN = "/opt/windlass", "/opt/windlass-build"
_PYTHON = f"{_HOME}/bin/python"
# A number, as base images need not know the name; its home can be written, which libraries expect of one.
_NOBODY = "65534:65534"


def dockerfile(needs: ModelNeeds, recipe: ImageRecipe, *, with_model: bool) -> str:
    """The text: what changes least comes first, so that a new version of a model is built quickly."""
    model = [f"COPY model/ {MODEL_PLACE}/"] if with_model else []
    installing = list(_installing(recipe)) if recipe.install != "none" else []
    # What is saved with a model and required by it must be there before anything is installed.
    parts = [*model, *installing] if needs.names_files else [*installing, *model]
    base = recipe.base_image or f"python:{needs.python}-slim"
    lines = [
        f"FROM {base}",
        f"LABEL {IMAGE_LABEL}=model",
        *_system(recipe),
        *parts,
        *_serving(recipe, with_model=with_model),
    ]
    return "".join(f"{line}\n" for line in lines)


def _system(recipe: ImageRecipe) -> Iterator[str]:
    if recipe.system_packages:
        names = " ".join(recipe.system_packages)
        yield (
            "RUN apt-get update && apt-get install --yes --no-install-recommends "
            f"{names} && rm -rf /var/lib/apt/lists/*"
        )


def _installing(recipe: ImageRecipe) -> Iterator[str]:
    yield f"COPY install/ {_GIVEN}/"
    options = [f"-r {_GIVEN}/requirements.txt"]
    if recipe.wheels is not None:
        options.append(f"--find-links {_GIVEN}/wheels")
    if recipe.index_url:
        options.append(f"--index-url '{recipe.index_url.replace(chr(39), '%27')}'")
    index = " ".join(options[1:])
    steps = [f"python3 -m venv {_HOME}"]
    if recipe.ca_file is not None:
        file = f"{_GIVEN}/ca.pem"
        steps.insert(0, f"export SSL_CERT_FILE={file} PIP_CERT={file} REQUESTS_CA_BUNDLE={file}")
    if recipe.install == "uv":
        steps += [
            f"{_PYTHON} -m pip install --quiet --no-cache-dir --disable-pip-version-check {index} uv",
            f"{_HOME}/bin/uv pip install --no-cache --python {_PYTHON} {' '.join(options)}",
        ]
    else:
        steps.append(f"{_PYTHON} -m pip install --no-cache-dir --disable-pip-version-check {' '.join(options)}")
    # Paths in requirements are relative to the model.
    yield f"RUN mkdir -p {MODEL_PLACE} && cd {MODEL_PLACE} && " + " && ".join(" ".join(one.split()) for one in steps)
    yield f"ENV PATH={_HOME}/bin:$PATH"


def _serving(recipe: ImageRecipe, *, with_model: bool) -> Iterator[str]:
    yield f"ENV PYTHONUNBUFFERED=1 HOME=/tmp WINDLASS_ALLOW_PICKLE={str(recipe.may_execute).lower()}"
    yield f"EXPOSE {PORT}"
    words: tuple[str, ...] = ENTRYPOINT
    if with_model:
        yield f"USER {_NOBODY}"
    elif recipe.install != "none":
        # Its requirements are installed when it is known, which only the owner of the environment may do.
        words = (*ENTRYPOINT, "--install")
    yield f"ENTRYPOINT {json.dumps(words)}"
