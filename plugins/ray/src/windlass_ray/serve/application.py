"""What runs on the cluster: the model, and the entrance in front of it.

A deployment is at least two applications of Serve. The entrance has the deployment's route and stays as it is for the
deployment's whole life; its `user_config` says which models get the requests, and Serve brings a new one to it without
a restart. Each model is an application of its own, without a route, which is there before the entrance hears of it and
goes when the entrance has forgotten it. So an update fails no request, and one that fails was never seen by any.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import Mapping
from typing import Any

from ray import serve
from ray.exceptions import RayActorError
from ray.serve.exceptions import BackPressureError, DeploymentUnavailableError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from windlass_ray.serve.asgi import Answer, Call, ask
from windlass_ray.serve.shares import Shares

MODEL = "Model"
_ATTEMPTS = 5
_PAUSE = 0.2
_PATIENCE = 30.0
_log = logging.getLogger("ray.serve")


@serve.deployment(max_constructor_retry_count=1)
class Model:
    """Answers requests as the scoring server does."""

    def __init__(self, place: str, timeout: float) -> None:
        # The scoring server is another plugin's affair: it is reached by the name that users know.
        serving = importlib.import_module("windlass.serving")
        self._app = serving.scoring_app(place, timeout=timeout)

    async def answer(self, call: Call) -> Answer:
        """The answer to one request."""
        return await ask(self._app, call)


@serve.deployment(max_ongoing_requests=2000, ray_actor_options={"num_cpus": 0}, max_constructor_retry_count=3)
class Entrance:
    """Passes requests on to the model that its configuration names."""

    def __init__(self) -> None:
        self._shares = Shares({})
        self._handles: dict[str, Any] = {}
        self._timeout = 0.0

    def reconfigure(self, user_config: Mapping[str, Any]) -> None:
        """Pass what comes from now on to other models."""
        percent = user_config["traffic"]
        known = self._handles
        self._handles = {name: known.get(name) or serve.get_deployment_handle(MODEL, name) for name in percent}
        self._timeout = float(user_config["request_timeout"]) + _PATIENCE
        self._shares = Shares(percent)

    async def __call__(self, request: Request) -> Response:
        """The model's answer."""
        path = request.scope["path"].removeprefix(request.scope.get("root_path", "")) or "/"
        call = Call(request.method, path, list(request.scope["headers"]), await request.body())
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._ask(call)
        except TimeoutError:
            return _problem(504, "DEADLINE_EXCEEDED", "the model did not answer in time")
        except (RayActorError, BackPressureError, DeploymentUnavailableError) as error:
            _log.warning("the model is out of reach: %s", error)
            return _problem(503, "TEMPORARILY_UNAVAILABLE", "the model is out of reach at the moment")
        response = Response(answer.body, answer.status)
        response.raw_headers = answer.headers
        return response

    async def _ask(self, call: Call) -> Answer:
        """Ask again if the process that works on it ends meanwhile: a prediction changes nothing."""
        for attempt in range(_ATTEMPTS):
            handle = self._handles[self._shares.choose()]
            try:
                answer: Answer = await handle.answer.remote(call)
                return answer
            except (RayActorError, DeploymentUnavailableError):
                if attempt == _ATTEMPTS - 1:
                    raise
                await asyncio.sleep(_PAUSE)
        raise AssertionError("unreachable")


def model(args: Mapping[str, Any]) -> Any:
    """The application of a model; `args` has its place, and seconds for one prediction."""
    deployment: Any = Model
    return deployment.bind(args["place"], args["request_timeout"])


def entrance(args: Mapping[str, Any]) -> Any:
    """The application with the route of a deployment."""
    del args
    deployment: Any = Entrance
    return deployment.bind()


def _problem(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error_code": code, "message": message}, status)
