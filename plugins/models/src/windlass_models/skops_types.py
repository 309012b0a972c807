"""Which types a skops file may name without anyone's leave.

skops builds objects without running their constructors: it makes an empty instance of a class and sets its attributes.
A class is therefore harmless unless its attributes or its methods reach the file system, an interpreter or raw memory,
which no estimator, kernel, loss, tree or matrix of scikit-learn, SciPy and NumPy does; the parts of these packages that
do (tests, loaders of files and of data sets, compilers, vendored packages) are refused. A function is another matter:
an estimator calls it with whatever it is given, and NumPy has functions that run a text as code. So functions pass only
where they are known to compute and nothing else. Types that index raw memory pass here and are checked, once loaded, by
`skops_memory`.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterable

_PACKAGES = ("sklearn", "numpy", "scipy")
_REFUSED_PARTS = frozenset({
    "testing", "_testing", "tests", "conftest", "f2py", "distutils", "ctypeslib", "datasets", "io", "externals",
    "_external", "npyio", "_npyio_impl", "_datasource", "DataSource", "NpzFile", "format", "_format_impl", "memmap",
    "vectorize", "LowLevelCallable", "_ccallback", "_test_ccallback", "_uarray", "_pickle", "_internal",
})  # fmt: skip
_COMPUTING = (
    "sklearn.metrics.", "sklearn.feature_selection._", "sklearn.preprocessing._", "sklearn.linear_model._",
    "sklearn.cluster._", "sklearn.gaussian_process.", "sklearn.neighbors._", "sklearn.utils.extmath.",
    "sklearn.utils._array_api.", "scipy.stats._", "scipy.special.", "scipy.spatial.distance.", "scipy.linalg.",
    "scipy._lib.array_api_compat.numpy._aliases.asarray",
)  # fmt: skip
_NUMPY_FUNCTIONS = frozenset({
    "mean", "median", "sum", "prod", "std", "var", "min", "max", "amin", "amax", "nanmean", "nanmedian",
    "nansum", "nanmin", "nanmax", "nanstd", "nanvar", "average", "ptp", "percentile", "quantile", "nan_to_num",
    "clip", "round", "around", "cumsum", "cumprod", "diff", "argmin", "argmax", "sort", "unique", "real",
    "imag", "angle", "where", "isclose", "ravel", "reshape", "squeeze", "concatenate", "hstack", "vstack",
    "column_stack",
})  # fmt: skip
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+")


def is_harmless(name: str) -> bool:
    """Whether a type or function of this full name may be loaded from a stranger's file."""
    parts = name.split(".")
    if not _NAME.fullmatch(name) or parts[0] not in _PACKAGES or _REFUSED_PARTS.intersection(parts):
        return False
    found = _find(name)
    if inspect.isclass(found):
        return _at_home(found)
    if not callable(found):
        return False
    return name.startswith(_COMPUTING) or (parts[0] == "numpy" and len(parts) == 2 and parts[1] in _NUMPY_FUNCTIONS)  # noqa: PLR2004  numpy.NAME


def refused(names: Iterable[str]) -> list[str]:
    """Those of the names that are not harmless."""
    return [name for name in names if not is_harmless(name)]


def _find(name: str) -> object:
    module, _, attribute = name.rpartition(".")
    try:
        return getattr(importlib.import_module(module), attribute, None)
    except ImportError:
        return None


def _at_home(found: type) -> bool:
    """Whether the class was made in these packages, and not just imported into one of their modules."""
    return found.__module__.partition(".")[0] in _PACKAGES and not issubclass(found, BaseException)
