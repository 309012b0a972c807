from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import windlass
from windlass.public import LAZY

HEAVY = """
    click pluggy importlib.metadata sqlalchemy alembic pandas numpy sklearn urllib3 litestar uvicorn matplotlib yaml
    json asyncio logging ssl socket subprocess email
""".split()  # noqa: SIM905  a list of one word a line would hide the test


def loaded(statement: str) -> set[str]:
    code = f"import sys; {statement}; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split("\n"))


def test_importing_windlass_loads_nothing_heavy():
    added = loaded("import windlass") - loaded("pass")
    assert not added & set(HEAVY)
    own = {name for name in added if name.startswith("windlass")}
    assert own == {"windlass", "windlass.public"}


def test_the_version_is_printed_without_a_plugin():
    statement = "from windlass.cli import main\ntry: main(['--version'])\nexcept SystemExit: pass"
    code = f"import sys\n{statement}\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"windlass, version {windlass.__version__}")
    names = set(done.stdout.split("\n"))
    assert not names & {"pluggy", "importlib.metadata", "windlass.plugins", "windlass.services", "sqlalchemy", "pandas"}


def test_discovering_plugins_imports_manifests_only():
    names = loaded("import windlass.plugins as p; p.get_plugin_manager()")
    assert not names & {"sqlalchemy", "pandas", "numpy", "sklearn", "urllib3", "litestar", "uvicorn", "jinja2", "yaml"}


@pytest.mark.parametrize("name", sorted(LAZY))
def test_every_public_name_exists(name):
    assert getattr(windlass, name) is not None


def test_type_checkers_see_the_same_names():
    tree = ast.parse(Path(windlass.__file__).read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.asname: node.module for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert seen == dict(LAZY)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'no_such_thing'"):
        _ = windlass.no_such_thing
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("windlass.no_such_module")


def test_older_homes_of_names_work():
    from windlass.exceptions import MlflowException
    from windlass.tracking import MlflowClient
    from windlass.tracking.client import MlflowClient as Same

    assert MlflowClient is Same is windlass.MlflowClient
    assert MlflowException is windlass.WindlassError
    assert windlass.tracking.MlflowClient is MlflowClient


def test_calls_of_2020_say_what_does_it_today():
    with pytest.raises(windlass.WindlassError, match="windlass deployments create -t azureml"):
        windlass.azureml.build_image(model_uri="runs:/x/model")
    with pytest.raises(windlass.WindlassError, match="not in this release"):
        windlass.autolog()
