"""scikit-learn models: every estimator, every format."""

from __future__ import annotations

import contextlib
import functools
import warnings
from importlib.metadata import version

import numpy as np
import pytest
import windlass.sklearn
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import all_estimators

from windlass.errors import Corrupted, InvalidValue, NotFound, UnsafeModel, Unsupported
from windlass_models.mlmodel import Model
from windlass_models.warning import ModelWarning


class Doubler(FunctionTransformer):
    """An estimator of the user's own."""


ESTIMATORS = dict(all_estimators())


# Made for other data than a small table of numbers (texts, labels, kernels, several targets), or without an answer.
OTHER_DATA = set(
    """
    AgglomerativeClustering CCA ClassicalMDS CountVectorizer DBSCAN DictVectorizer EmpiricalCovariance FeatureHasher
    GammaRegressor GaussianRandomProjection GraphicalLasso GraphicalLassoCV HDBSCAN HashingVectorizer IsotonicRegression
    KernelCenterer KernelDensity LabelBinarizer LabelEncoder LedoitWolf LocalOutlierFactor MDS MinCovDet
    MultiLabelBinarizer MultiTaskElasticNet MultiTaskElasticNetCV MultiTaskLasso MultiTaskLassoCV NearestNeighbors OAS
    OPTICS OrthogonalMatchingPursuitCV PLSCanonical PLSSVD PatchExtractor SelfTrainingClassifier ShrunkCovariance
    SparseRandomProjection SpectralBiclustering SpectralClustering SpectralCoclustering SpectralEmbedding TSNE
    TfidfVectorizer
    """.split()  # noqa: SIM905  a list of one word a line would hide the test
)


def _makeable():
    found = []
    for name, kind in ESTIMATORS.items():
        with contextlib.suppress(TypeError), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            kind()
            found.append(name)
    return sorted(set(found) - OTHER_DATA)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", _makeable())
def test_every_estimator_that_fits_is_saved_and_loaded_without_options(name, iris, tmp_path):
    table, y = iris
    table, y = np.abs(table.to_numpy())[::5], y.to_numpy()[::5]
    estimator = ESTIMATORS[name]()
    for quick in ({"n_estimators": 3}, {"max_iter": 20}):
        if quick.keys() <= estimator.get_params().keys():
            estimator.set_params(**quick)
    estimator.fit(table, y)
    method = next(one for one in ("predict", "transform") if hasattr(estimator, one))
    expected = getattr(estimator, method)(table)
    windlass.sklearn.save_model(estimator, tmp_path / "m")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loaded = windlass.sklearn.load_model(tmp_path / "m")
        found = getattr(loaded, method)(table)
    if hasattr(expected, "toarray"):
        expected, found = expected.toarray(), found.toarray()
    np.testing.assert_array_equal(found, expected)
    entry = Model.load(tmp_path / "m").flavors["sklearn"]
    assert entry["serialization_format"] == ("cloudpickle" if name == "Birch" else "skops")


def test_compositions_of_estimators_are_skops(iris, tmp_path):
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import GradientBoostingClassifier
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    table, y = iris
    columns = ColumnTransformer(
        [("all", StandardScaler(), list(table.columns)), ("log", FunctionTransformer(np.log1p), [0])]
    )
    model = GridSearchCV(make_pipeline(columns, GradientBoostingClassifier(n_estimators=2)), {}, cv=2).fit(table, y)
    windlass.sklearn.save_model(model, tmp_path / "m")
    assert Model.load(tmp_path / "m").flavors["sklearn"]["serialization_format"] == "skops"
    np.testing.assert_array_equal(windlass.sklearn.load_model(tmp_path / "m").predict(table), model.predict(table))


@pytest.mark.parametrize(
    "model", [Doubler(), FunctionTransformer(lambda x: x * 2), FunctionTransformer(functools.partial(np.multiply, 2))]
)
def test_what_skops_cannot_hold_becomes_cloudpickle(model, tmp_path):
    windlass.sklearn.save_model(model, tmp_path / "m")
    entry = Model.load(tmp_path / "m").flavors["sklearn"]
    assert (entry["serialization_format"], entry["pickled_model"]) == ("cloudpickle", "model.pkl")
    loaded = windlass.sklearn.load_model(tmp_path / "m")
    np.testing.assert_array_equal(loaded.transform(np.eye(2)), model.transform(np.eye(2)))


def test_skops_that_was_asked_for_is_not_replaced(tmp_path):
    with pytest.raises(UnsafeModel, match="Doubler"):
        windlass.sklearn.save_model(Doubler(), tmp_path / "m", serialization_format="skops")
    assert not (tmp_path / "m").exists()
    name = f"{Doubler.__module__}.{Doubler.__qualname__}"
    windlass.sklearn.save_model(Doubler(), tmp_path / "m", serialization_format="skops", skops_trusted_types=[name])
    assert type(windlass.sklearn.load_model(tmp_path / "m")).__name__ == "Doubler"


def test_the_trusted_types_are_written_down_for_other_readers(forest, tmp_path):
    windlass.sklearn.save_model(forest, tmp_path / "m")
    assert Model.load(tmp_path / "m").flavors["sklearn"]["skops_trusted_types"] == ["sklearn.tree._tree.Tree"]


def test_an_unknown_format_and_an_unknown_option_are_refused(forest, tmp_path):
    with pytest.raises(InvalidValue, match="skops, cloudpickle, pickle, joblib"):
        windlass.sklearn.save_model(forest, tmp_path / "m", serialization_format="json")
    with pytest.raises(InvalidValue, match="pip_requirement'"):
        windlass.sklearn.save_model(forest, tmp_path / "m", pip_requirement=[])


def test_another_method_can_be_the_python_function(forest, iris, tmp_path):
    import windlass.pyfunc

    table, _ = iris
    windlass.sklearn.save_model(forest, tmp_path / "m", pyfunc_predict_fn="predict_proba")
    found = windlass.pyfunc.load_model(tmp_path / "m").predict(table)
    np.testing.assert_array_equal(found, forest.predict_proba(table))


def test_a_model_of_another_flavor_is_not_found(tmp_path):
    import windlass.pyfunc

    windlass.pyfunc.save_model(tmp_path / "m", python_model=lambda model_input: model_input)
    with pytest.raises(NotFound, match="python_function"):
        windlass.sklearn.load_model(tmp_path / "m")


def test_another_version_of_the_library_is_told(forest, tmp_path):
    windlass.sklearn.save_model(forest, tmp_path / "m")
    file = tmp_path / "m" / "MLmodel"
    text = file.read_text()
    file.write_text(text.replace(f"sklearn_version: {version('scikit-learn')}", "sklearn_version: 0.21.3"))
    (tmp_path / "m" / "SHA256SUMS").unlink()
    with pytest.warns(ModelWarning, match=r"0\.21\.3"):
        windlass.sklearn.load_model(tmp_path / "m")


@pytest.mark.parametrize("damage", ["child", "circle", "feature", "wide"])
def test_a_tree_that_points_out_of_its_arrays_is_refused(damage, forest, tmp_path):
    import copy

    model = copy.deepcopy(forest)
    tree = model.estimators_[0].tree_
    state = tree.__getstate__()
    nodes = state["nodes"]
    if damage == "child":
        nodes["left_child"][0] = 10**6
    elif damage == "circle":
        nodes["left_child"][0] = 0
    elif damage == "feature":
        nodes["feature"][0] = 10**6
    if damage == "wide":
        from sklearn.tree._tree import Tree

        tree = Tree(50, np.array([3]), 1)
        model.estimators_[0].tree_ = tree
    tree.__setstate__(state)
    windlass.sklearn.save_model(model, tmp_path / "m")
    with pytest.raises(Corrupted, match="out of its own arrays"):
        windlass.sklearn.load_model(tmp_path / "m")


@pytest.mark.parametrize(
    "name",
    [
        "numpy.testing._private.utils.runstring", "numpy.load", "numpy.memmap", "numpy.vectorize", "numpy.fromfile",
        "numpy.f2py.compile", "scipy.io.loadmat", "sklearn.datasets._base.load_files", "os.system", "builtins.eval",
        "sklearn.utils._testing.ignore_warnings", "numpy.lib._datasource.DataSource", "numpy.savetxt",
        "subprocess.Popen",
        "sklearn.externals.array_api_compat.common", "numpy.os.system", "sklearn.os", "numpy.core", "sklearn",
        "sklearn.base.joblib", "sklearn.pipeline.clone", "numpy.lib.npyio.NpzFile", "numpy.ctypeslib.load_library",
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore")
def test_what_could_do_harm_is_not_trusted(name):
    from windlass_models.skops_types import is_harmless

    assert not is_harmless(name)


def test_autolog_says_that_it_is_not_there_yet():
    with pytest.raises(Unsupported, match="not in this release"):
        windlass.sklearn.autolog(log_models=False)
