"""Refusal: an answer of an API server that is no object."""

from __future__ import annotations


class Refusal(Exception):
    def __init__(self, status, reason, message, causes=()):
        super().__init__(message)
        self.status = status
        self.content = {
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": message, "reason": reason, "code": status,
            "details": {"causes": [{"field": field, "message": said} for field, said in causes]},
        }  # fmt: skip


def invalid(kind, name, causes):
    said = ", ".join(f"{field}: {message}" for field, message in causes)
    return Refusal(422, "Invalid", f'{kind} "{name}" is invalid: {said}', causes)


def missing(kind, name):
    return Refusal(404, "NotFound", f'{kind} "{name}" not found')
