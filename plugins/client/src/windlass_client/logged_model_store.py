"""Logged models behind a server."""

from __future__ import annotations

from windlass.entities import LifecycleStage, LoggedModel, LoggedModelStatus, Page, Param, Tag, ViewType
from windlass.interfaces import LoggedModelStore, LoggedModelUpdate
from windlass.search import OrderBy, Query
from windlass.wire import logged_model as wire
from windlass.wire import logged_model_request as requests
from windlass_client.filters import filter_of, write_field
from windlass_client.transport import Transport


class HttpLoggedModelStore(LoggedModelStore):
    """Logged models behind a server, which chooses ids, times and places."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(self, model: LoggedModel) -> LoggedModel:
        """Let the server make a logged model, and finish it if it is finished already."""
        answer = self._transport.call(
            requests.CreateLoggedModel(
                experiment_id=model.experiment_id,
                name=model.name,
                model_type=model.model_type,
                source_run_id=model.source_run_id,
                params=tuple(Param(key, value) for key, value in model.params.items()),
                tags=tuple(Tag(key, value) for key, value in model.tags.items()),
            )
        )
        made = wire.decode_logged_model(answer["model"])
        if model.status == LoggedModelStatus.PENDING:
            return made
        return self.update(made.model_id, LoggedModelUpdate(status=model.status, status_message=model.status_message))

    def get(self, model_id: str) -> LoggedModel:
        """The logged model of an id."""
        answer = self._transport.call(requests.GetLoggedModel(model_id=model_id, allow_deleted=True))
        return wire.decode_logged_model(answer["model"])

    def update(self, model_id: str, update: LoggedModelUpdate) -> LoggedModel:
        """Change it; the wire has one request for each kind of change."""
        call = self._transport.call
        if update.lifecycle_stage == LifecycleStage.ACTIVE:
            call(requests.UpdateLoggedModel(model_id=model_id, lifecycle_stage=LifecycleStage.ACTIVE))
        if update.params:
            params = tuple(Param(key, value) for key, value in update.params.items())
            call(requests.LogLoggedModelParams(model_id=model_id, params=params))
        if update.tags:
            tags = tuple(Tag(key, value) for key, value in update.tags.items())
            call(requests.SetLoggedModelTags(model_id=model_id, tags=tags))
        for key in update.deleted_tags:
            call(requests.DeleteLoggedModelTag(model_id=model_id, tag_key=key))
        if update.status is not None:
            status = requests.LoggedModelStatusName(wire.encode_status(update.status))
            call(requests.FinalizeLoggedModel(model_id=model_id, status=status, status_message=update.status_message))
        if update.lifecycle_stage == LifecycleStage.DELETED:
            call(requests.DeleteLoggedModel(model_id=model_id))
        return self.get(model_id)

    def search(self, query: Query) -> Page[LoggedModel]:
        """One page of the logged models that match."""
        filters = requests.DatasetFilterMessage
        datasets = (filters(dataset_name=name, dataset_digest=digest) for name, digest in query.datasets)
        answer = self._transport.call(
            requests.SearchLoggedModels(
                experiment_ids=query.experiment_ids,
                filter=filter_of(query),
                datasets=tuple(datasets),
                max_results=query.max_results,
                order_by=tuple(_order(key) for key in query.order_by),
                page_token=query.page_token,
                view_type=None if query.view is ViewType.ACTIVE_ONLY else query.view,
            )
        )
        found = (wire.decode_logged_model(one) for one in answer.get("models", ()))
        return Page(found, answer.get("next_page_token") or None)

    def purge(self, model_id: str) -> None:
        """Remove a deleted logged model for good; Unsupported by MLflow's servers."""
        self._transport.call(requests.PurgeLoggedModel(model_id=model_id))


def _order(key: OrderBy) -> requests.OrderByMessage:
    return requests.OrderByMessage(
        field_name=write_field(key.field),
        ascending=key.ascending,
        dataset_name=key.dataset_name,
        dataset_digest=key.dataset_digest,
    )
