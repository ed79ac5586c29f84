"""The relay's description of itself, served at ``/openapi.json``."""

from __future__ import annotations

from typing import Any, Final

from console import __version__

_TEXT_OR_NULL: Final = {"type": ["string", "null"]}
_CURSOR: Final = r"^([0-9a-f]{16}\.(0|[1-9][0-9]{0,17})\.[0-9a-f]{8}|latest)$"
_WRONG: Final = {
    "type": "object",
    "required": ["error", "detail"],
    "properties": {"error": {"type": "string"}, "detail": {"type": "string"}},
    "additionalProperties": False,
}
_EVENT: Final = {
    "type": "object",
    "additionalProperties": False,
    "required": [
        "cursor",
        "received_at",
        "kind",
        "reference_id",
        "external_id",
        "customer_id",
        "label",
        "signature",
        "body",
        "body_encoding",
    ],
    "properties": {
        "cursor": {"type": "string", "description": "the place after this event"},
        "received_at": {"type": "string", "format": "date-time"},
        "kind": {"enum": ["delivery", "reply", "sms_report", "unknown"]},
        "reference_id": _TEXT_OR_NULL,
        "external_id": _TEXT_OR_NULL,
        "customer_id": {"type": "string"},
        "label": _TEXT_OR_NULL,
        "signature": {"type": "string", "description": "over the exact bytes of the body"},
        "body": {"type": "string", "description": "the exact bytes"},
        "body_encoding": {"enum": ["utf-8", "base64"]},
    },
}
_PAGE: Final = {
    "type": "object",
    "required": ["events", "next", "more"],
    "additionalProperties": False,
    "properties": {
        "events": {"type": "array", "items": {"$ref": "#/components/schemas/Event"}},
        "next": {"type": "string", "description": "give it as after to go on"},
        "more": {"type": "boolean", "description": "there is more to fetch at once"},
    },
}
_SECONDS: Final = r"^(?:[0-4]?[0-9]|5[0-4])(?:\.[0-9]{1,6})?$|^55(?:\.0{1,6})?$"
"""Digits as the relay takes them; as a number, a fraction might be written with an exponent."""
_AFTER: Final = {
    "name": "after",
    "in": "query",
    "description": "a cursor; none: from the oldest event; latest: from now on",
    "schema": {"type": "string", "pattern": _CURSOR},
}
_LIMIT: Final = {
    "name": "limit",
    "in": "query",
    "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 200},
}
_WAIT: Final = {
    "name": "wait",
    "in": "query",
    "description": "seconds to hold the request while there is nothing, 0 to 55, to the microsecond",
    "schema": {"type": "string", "pattern": _SECONDS, "default": "0"},
}
_DETAILS: Final = {
    400: "a parameter cannot be read",
    401: "no valid token or signature",
    404: "there is nothing at this address",
    405: "this method is not answered here",
    408: "the body did not arrive in time",
    410: "the cursor is of another store or was passed by retention",
    413: "the body is too large",
    429: "too many requests with this token",
    503: "nothing can be stored or read at the moment",
}


def document() -> dict[str, Any]:
    """The description, OpenAPI 3.1."""
    label = {
        "name": "label",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": "^[a-z0-9-]{1,32}$"},
    }
    reference = {
        "name": "reference_id",
        "in": "path",
        "required": True,
        "description": "32 hexadecimal digits; anything else is known to have no events",
        "schema": {"type": "string", "minLength": 1},
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Cascade relay",
            "version": __version__,
            "description": "Takes Telesign's callbacks and hands them to consoles, each once, in one order.",
        },
        "paths": {
            "/callbacks/telesign": {
                method: _callback(f"callback_{method}", []) for method in ("post", "get")
            },
            "/callbacks/telesign/{label}": {
                method: _callback(f"labelled_callback_{method}", [label]) for method in ("post", "get")
            },
            "/v1/events": {
                "get": _reading("events", "Events in order.", [_AFTER, _LIMIT, _WAIT]),
            },
            "/v1/events/{reference_id}": {
                "get": _reading("transaction", "Events of one transaction.", [reference, _AFTER, _LIMIT]),
            },
            "/healthz": {"get": _plain("health", "Whether the relay is alive.", "application/json")},
            "/readyz": {"get": _plain("ready", "Whether it can store.", "application/json", 503)},
            "/metrics": {"get": _plain("metrics", "For Prometheus.", "text/plain")},
            "/openapi.json": {"get": _plain("description", "This.", "application/json")},
        },
        "components": {
            "schemas": {"Event": _EVENT, "Page": _PAGE, "Error": _WRONG},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "signature": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-TS-Authorization",
                    "description": "Base64 of HMAC-SHA256 over the exact body with the account's key;"
                    " or Authorization: TSA customer-id:signature",
                },
            },
        },
    }


def _callback(operation: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": operation,
        "summary": "A callback of Telesign's; answered 200 once it is on disk.",
        "security": [{"signature": []}],
        "parameters": parameters,
        "responses": {
            "200": _json("on disk, now or already", {"type": "object"}),
            **_refusals(401, 404, 408, 413, 503),
        },
    }
    if operation.endswith("post"):  # OpenAPI gives GET no body; Telesign's older documents do
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": {}}}}
    return told


def _reading(operation: str, summary: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "operationId": operation,
        "summary": summary,
        "security": [{"token": []}],
        "parameters": parameters,
        "responses": {
            "200": _json("a page", {"$ref": "#/components/schemas/Page"}),
            **_refusals(400, 401, 404, 410, 429, 503),
        },
    }


def _plain(operation: str, summary: str, content: str, *more: int) -> dict[str, Any]:
    return {
        "operationId": operation,
        "summary": summary,
        "responses": {
            "200": {"description": "so it is", "content": {content: {"schema": {}}}},
            **_refusals(*more),
        },
    }


def _refusals(*statuses: int) -> dict[str, Any]:
    told = {}
    for status in statuses:
        told[str(status)] = _json(_DETAILS[status], {"$ref": "#/components/schemas/Error"})
        if status in (429, 503):
            told[str(status)]["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    return told


def _json(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}
