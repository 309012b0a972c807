"""What this distribution plugs in. Cheap: it imports nothing of the rest."""

from __future__ import annotations

from windlass.plugins import Kind, Provider, hookimpl


@hookimpl
def windlass_providers() -> list[Provider]:
    """The modules that users import, and the flavors."""
    return [
        Provider(Kind.PYTHON_MODULE, ("models",), "windlass_models.api", "Describing and trying models."),
        Provider(Kind.PYTHON_MODULE, ("data",), "windlass_models.data", "Describing the data that a run read."),
        Provider(Kind.PYTHON_MODULE, ("types",), "windlass_models.types", "The types of a signature."),
        Provider(
            Kind.MODEL_FLAVOR,
            ("sklearn",),
            "windlass_models.sklearn:SklearnFlavor",
            "Estimators of scikit-learn.",
            suite="windlass_models.conformance:TestSklearnFlavor",
            install="windlass-models[sklearn]",
        ),
        Provider(
            Kind.MODEL_FLAVOR,
            ("pyfunc", "python_function"),
            "windlass_models.pyfunc:PyFuncFlavor",
            "Models made of any Python code.",
            suite="windlass_models.conformance:TestPyFuncFlavor",
        ),
    ]
