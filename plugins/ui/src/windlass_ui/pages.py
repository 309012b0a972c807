"""The pages: experiments, the runs of one, and one run."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from litestar import MediaType, Request, Response, get

from windlass.entities import FileInfo, ViewType
from windlass.errors import InvalidQuery, NotFound, WindlassError
from windlass.services.workspace import Workspace
from windlass_ui.format import duration, number, when

if TYPE_CHECKING:
    from jinja2 import Environment

Asked = Request[Any, Any, Any]
_PAGE_SIZE = 100
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'self'; frame-ancestors 'self'"
)


def pages(workspace: Workspace) -> list[Any]:
    """The route handlers of all pages over one workspace."""
    view = _Pages(workspace)

    @get("/", sync_to_thread=True, include_in_schema=False, opt={"access": "filtered"})
    def index() -> Response[str]:
        return view.experiments()

    @get(
        "/experiments/{experiment_id:str}",
        sync_to_thread=True,
        include_in_schema=False,
        opt={"access": "read experiment"},
    )
    def experiment(request: Asked) -> Response[str]:
        asked = request.query_params
        experiment_id = request.path_params["experiment_id"]
        return view.runs(experiment_id, asked.get("filter", ""), asked.get("order_by", ""), asked.get("page_token", ""))

    @get("/runs/{run_id:str}", sync_to_thread=True, include_in_schema=False, opt={"access": "read run"})
    def run(request: Asked) -> Response[str]:
        return view.run(request.path_params["run_id"], request.query_params.get("path", ""))

    return [index, experiment, run]


class _Pages:
    """Renders the pages of one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    @cached_property
    def _templates(self) -> Environment:
        # A server starts for programs that log long before somebody looks at a page.
        from jinja2 import Environment, PackageLoader, select_autoescape  # noqa: PLC0415

        templates = Environment(
            loader=PackageLoader("windlass_ui"), autoescape=select_autoescape(default=True), trim_blocks=True
        )
        templates.globals["prefix"] = self._workspace.settings.static_prefix.rstrip("/")
        templates.filters.update(when=when, number=number, duration=duration)
        return templates

    def experiments(self) -> Response[str]:
        page = self._workspace.experiments.search(max_results=1000)
        models = self._workspace.registered_models.search(max_results=1000)
        return self._render("experiments.html", experiments=page, more=page.token, models=models)

    def runs(self, experiment_id: str, filter_string: str, order_by: str, page_token: str) -> Response[str]:
        try:
            experiment = self._workspace.experiments.get(experiment_id)
        except NotFound as error:
            return self._error(error, 404)
        problem, runs, token = None, [], None
        try:
            page = self._workspace.runs.search(
                [experiment_id],
                filter=filter_string,
                order_by=[part.strip() for part in order_by.split(",") if part.strip()],
                page_token=page_token or None,
                max_results=_PAGE_SIZE,
                view=ViewType.ACTIVE_ONLY,
            )
            runs, token = list(page), page.token
        except InvalidQuery as error:
            problem = error
        metrics = sorted({key for run in runs for key in run.data.metrics})
        params = sorted({key for run in runs for key in run.data.params})
        return self._render(
            "runs.html",
            status=400 if problem else 200,
            experiment=experiment,
            runs=runs,
            metrics=metrics,
            params=params,
            filter=filter_string,
            order_by=order_by,
            token=token,
            problem=problem,
        )

    def run(self, run_id: str, path: str) -> Response[str]:
        try:
            run = self._workspace.runs.get(run_id)
            experiment = self._workspace.experiments.get(run.info.experiment_id)
        except NotFound as error:
            return self._error(error, 404)
        problem, files = None, list[FileInfo]()
        try:
            files = self._workspace.artifacts.list(run.info.artifact_uri, path)
        except WindlassError as error:
            problem = error
        parent = path.rpartition("/")[0]
        return self._render(
            "run.html", run=run, experiment=experiment, files=files, path=path, parent=parent, problem=problem
        )

    def _error(self, error: WindlassError, status: int) -> Response[str]:
        return self._render("error.html", status=status, error=error)

    def _render(self, template: str, *, status: int = 200, **values: Any) -> Response[str]:
        text = self._templates.get_template(template).render(**values)
        headers = {"Content-Security-Policy": _POLICY}
        return Response(text, media_type=MediaType.HTML, status_code=status, headers=headers)
