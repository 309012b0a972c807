"""What the image of a model is built from."""

from __future__ import annotations

import re
import sys

import pytest

import windlass
from windlass.errors import AlreadyExists, InvalidValue, Unavailable
from windlass.interfaces import DeploymentRecord, DeploymentRequest
from windlass.services.model_image.context import ImageContext
from windlass.services.model_image.model_needs import ModelNeeds
from windlass.services.model_image.recipe import RECIPE_OPTIONS, ImageRecipe

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture
def model(tmp_path):
    """Writes a model's directory."""
    root = tmp_path / "model"

    def write(requirements="scikit-learn==1.9.1\n", **files):
        (root / "data").mkdir(parents=True, exist_ok=True)
        (root / "requirements.txt").write_text(requirements)
        (root / "MLmodel").write_text("flavors: {}\n")
        (root / "data" / "weights").write_bytes(b"\0\1")
        for name, text in files.items():
            (root / name.replace("__", ".")).write_text(text)
        return root

    return write


def dockerfile(model, **recipe):
    return ImageContext.of(model, ImageRecipe(**recipe)).texts["Dockerfile"]


@pytest.mark.parametrize(
    ("file", "text", "version"),
    [
        ("python_env__yaml", "python: 3.10.4\nbuild_dependencies: []\n", "3.10"),
        ("python_env__yaml", "python: '3.12'\n", "3.12"),
        ("conda__yaml", "dependencies:\n- python=3.9.1\n- pip\n", "3.9"),
        ("MLmodel", "flavors:\n  python_function:\n    python_version: 3.13.0\n", "3.13"),
        ("MLmodel", "flavors: {}\n", HERE),
    ],
)
def test_the_image_has_the_python_of_the_model(model, file, text, version):
    root = model(**{file: text})
    assert ModelNeeds.of(root).python == version
    assert dockerfile(root).startswith(f"FROM python:{version}-slim\n")


def test_what_the_model_requires_is_installed_with_windlass_and_the_model_comes_after_it(model):
    context = ImageContext.of(model(), ImageRecipe(requirements=("mlflow",)))
    wanted = f"scikit-learn==1.9.1\nmlflow\nwindlass-serving=={windlass.__version__}\n"
    assert context.texts["install/requirements.txt"] == wanted
    text = context.texts["Dockerfile"]
    assert text.index("uv pip install") < text.index("COPY model/")
    assert set(context.files) == {"model/MLmodel", "model/requirements.txt", "model/data/weights"}
    assert "USER 65534" in text
    assert text.endswith('ENTRYPOINT ["python", "-m", "windlass_serving.container"]\n')


@pytest.mark.parametrize("line", ["wheels/own.whl", "-r more.txt", "./package", "-e ."])
def test_a_model_whose_requirements_name_its_files_comes_first(model, line):
    text = dockerfile(model(requirements=f"numpy\n{line}\n"))
    assert text.index("COPY model/") < text.index("uv pip install")


@pytest.mark.parametrize("line", ["own @ https://host/own.whl", "numpy>=1 # a/b", "git+https://host/x.git"])
def test_what_is_elsewhere_is_no_file(model, line):
    assert not ModelNeeds.of(model(requirements=line)).names_files


def test_nothing_is_installed_if_the_base_has_all(model):
    context = ImageContext.of(model(), ImageRecipe(install="none", base_image="ours:1"))
    assert "RUN" not in context.texts["Dockerfile"]
    assert list(context.texts) == ["Dockerfile"]
    with pytest.raises(InvalidValue, match="base_image"):
        ImageRecipe(install="none")


def test_an_image_for_any_model_installs_its_requirements_when_it_starts():
    context = ImageContext.of(None, ImageRecipe())
    assert context.files == {}
    assert '"--install"]' in context.texts["Dockerfile"]
    assert "USER" not in context.texts["Dockerfile"]


def test_index_certificates_wheels_and_packages_of_the_system_have_their_places(model, tmp_path):
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / "own-1-py3-none-any.whl").touch()
    (tmp_path / "ca.pem").touch()
    recipe = {
        "install": "pip",
        "index_url": "https://host/simple?a='b",
        "ca_file": tmp_path / "ca.pem",
        "wheels": tmp_path / "wheels",
        "system_packages": ("libgomp1", "git"),
    }
    context = ImageContext.of(model(), ImageRecipe(**recipe))
    text = context.texts["Dockerfile"]
    assert {"install/ca.pem", "install/wheels/own-1-py3-none-any.whl"} < set(context.files)
    assert "--index-url 'https://host/simple?a=%27b'" in text
    assert "--find-links /opt/windlass-build/wheels" in text
    assert "PIP_CERT=/opt/windlass-build/ca.pem" in text
    assert re.search(r"apt-get install .* libgomp1 git ", text)
    assert "uv" not in text.split()


@pytest.mark.parametrize(
    ("recipe", "field"),
    [
        ({"install": "conda"}, "install"),
        ({"ca_file": "gone.pem"}, "ca_file"),
        ({"wheels": "."}, "wheels"),
        ({"index_url": "https://me:secret@host/simple"}, "index_url"),
    ],
)
def test_a_recipe_that_cannot_be_followed_is_refused(tmp_path, recipe, field):
    given = {name: tmp_path / value if name in {"ca_file", "wheels"} else value for name, value in recipe.items()}
    with pytest.raises(InvalidValue, match=field) as caught:
        ImageRecipe(**given)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("base_image", "a b"),
        ("base_image", "x\nRUN evil"),
        ("system_packages", "a; rm"),
        ("system_packages", "--force x"),
        ("index_url", "ftp://x"),
        ("install", "x"),
    ],
)
def test_options_of_an_image_are_checked(name, text):
    (option,) = [one for one in RECIPE_OPTIONS if one.name == name]
    with pytest.raises(InvalidValue, match=name):
        option.parse(text)


def test_a_directory_is_written_whole_and_only_where_there_is_nothing(model, tmp_path):
    root = model()
    (root / "data" / "weights").chmod(0o600)
    context = ImageContext.of(root, ImageRecipe())
    out = tmp_path / "a" / "out"
    context.write(out)
    assert (out / "model" / "data" / "weights").read_bytes() == b"\0\1"
    assert (out / "model" / "data" / "weights").stat().st_mode & 0o777 == 0o644
    assert (out / "Dockerfile").read_text() == context.texts["Dockerfile"]
    with pytest.raises(AlreadyExists):
        context.write(out)
    (root / "data" / "weights").unlink()
    for place in (tmp_path / "new", tmp_path / "empty"):
        if place.name == "empty":
            place.mkdir()
        with pytest.raises(Unavailable):
            context.write(place)
    assert not (tmp_path / "new").exists()
    assert list((tmp_path / "empty").iterdir()) == []


@pytest.mark.parametrize(
    ("uri", "allowed", "may"),
    [
        ("models:/m/1", "owned", True),
        ("/tmp/m", "owned", False),
        ("/tmp/m", "true", True),
        ("models:/m/1", "false", False),
    ],
)
def test_code_of_a_model_runs_where_the_store_is_trusted(model, uri, allowed, may):
    root = model()
    request = DeploymentRequest(name="x", model_uri=uri, resolved_uri=uri, model_path=root)
    record = DeploymentRecord.new(request, allow_pickle=allowed)
    assert record.may_execute is may
    assert f"WINDLASS_ALLOW_PICKLE={str(may).lower()}" in dockerfile(root, may_execute=record.may_execute)
