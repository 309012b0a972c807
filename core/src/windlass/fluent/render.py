"""Turning what people log as artifacts into files: figures, images, tables, dictionaries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from windlass.errors import InvalidValue, MissingDependency
from windlass.fluent.frames import import_pandas
from windlass.services.document_file import import_yaml, is_yaml


def write_text(text: str, path: Path) -> None:
    """Write a text as UTF-8, line ends unchanged."""
    path.write_text(text, encoding="utf-8", newline="")


def write_dict(value: Any, path: Path) -> None:
    """Write as YAML if the name says so, as JSON otherwise."""
    if is_yaml(path):
        path.write_text(import_yaml().safe_dump(value, sort_keys=False, allow_unicode=True), encoding="utf-8")
    else:
        path.write_text(json.dumps(value, indent=2, default=_plain), encoding="utf-8")


def read_dict(path: Path) -> Any:
    """Read what `write_dict` wrote."""
    text = path.read_text(encoding="utf-8")
    return import_yaml().safe_load(text) if is_yaml(path) else json.loads(text)


def write_figure(figure: Any, path: Path, save_options: dict[str, Any] | None = None) -> None:
    """Write a matplotlib or plotly figure in the format of the file's suffix."""
    if hasattr(figure, "savefig"):
        figure.savefig(path, **(save_options or {}))
    elif hasattr(figure, "write_html"):
        write = figure.write_html if path.suffix == ".html" else figure.write_image
        write(str(path), **(save_options or {}))
    else:
        raise InvalidValue("figure", figure, "must be a matplotlib or plotly figure")


def write_image(image: Any, path: Path) -> None:
    """Write a PIL image, or an array: (height, width[, 1, 3 or 4]), integers of 0 to 255 or floats of 0 to 1."""
    if hasattr(image, "save") and hasattr(image, "mode"):
        image.save(path)
        return
    array = image.numpy() if hasattr(image, "numpy") else image
    if not hasattr(array, "shape") or not hasattr(array, "dtype"):
        raise InvalidValue("image", type(image).__name__, "must be a PIL image or an array")
    if len(array.shape) not in {2, 3} or (len(array.shape) == 3 and array.shape[2] not in {1, 3, 4}):  # noqa: PLR2004
        raise InvalidValue("image shape", array.shape, "is no image", limit="(height, width[, 1, 3 or 4])")
    if array.dtype.kind == "f":
        if float(array.min()) < 0 or float(array.max()) > 1:
            raise InvalidValue("image", "floats", "must lie between 0 and 1", limit="0 … 1")
        array = (array * 255).round()
    if float(array.min()) < 0 or float(array.max()) > 255:  # noqa: PLR2004
        raise InvalidValue("image", "integers", "must lie between 0 and 255", limit="0 … 255")
    if len(array.shape) == 3 and array.shape[2] == 1:  # noqa: PLR2004
        array = array[:, :, 0]
    _import_pillow().fromarray(array.astype("uint8")).save(path)


def read_image(path: Path) -> Any:
    """Read an image as a PIL image."""
    with _import_pillow().open(path) as image:
        image.load()
        return image


def write_table(data: Any, path: Path, before: Path | None = None) -> None:
    """Write a table (a frame, or a dict of columns) behind the rows of `before`; Parquet or JSON by suffix."""
    pandas = import_pandas()
    frame = data if isinstance(data, pandas.DataFrame) else pandas.DataFrame(_columns(data))
    if before is not None:
        frame = pandas.concat([read_table(before), frame], ignore_index=True)
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    elif path.suffix == ".json":
        frame.to_json(path, orient="split", index=False, date_format="iso")
    else:
        raise InvalidValue("artifact_file", path.name, "has no table format", limit=".json, .parquet")


def read_table(path: Path) -> Any:
    """Read what `write_table` wrote."""
    pandas = import_pandas()
    return pandas.read_parquet(path) if path.suffix == ".parquet" else pandas.read_json(path, orient="split")


def _columns(data: Any) -> Any:
    if not isinstance(data, dict):
        raise InvalidValue("data", type(data).__name__, "must be a DataFrame or a dict of columns")
    scalars = not any(isinstance(value, (list, tuple)) or hasattr(value, "__array__") for value in data.values())
    return {key: [value] for key, value in data.items()} if scalars else data


def _plain(value: Any) -> Any:
    """Numbers and arrays of numpy and its kin, for JSON."""
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)


def _import_pillow() -> Any:
    try:
        from PIL import Image  # noqa: PLC0415  only images need it
    except ImportError as error:
        raise MissingDependency("an image artifact needs Pillow", hint="pip install pillow") from error
    return Image
