"""The interface described in OpenAPI 3.1, made from the table of routes and the types. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from desk.bodies import Error
from desk.policy import HOLDERS, Own
from desk.routes import PREFIX, ROUTES, Parameter, Route

_PATHS: Final = {
    "id": ("an interaction", "^[0-9a-f]{32}$"),
    "appointment": ("an appointment", "^[0-9a-f]{32}$"),
    "offer": ("an offer", "^[0-9]{1,15}$"),
    "session": ("a session", "^[0-9a-f]{16}$"),
    "queue": ("a queue", "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"),
    "agent": ("an agent", "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"),
    "file": (
        "a file of the centre; a menu's slash may be written as it is",
        r"^((ivr|scripts)/)?[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
    ),
    "version": ("a version", "^[1-9][0-9]{0,8}$"),
    "menu": ("a menu", "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"),
    "language": ("a language", "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"),
    "prompt": ("a prompt", "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"),
    "user": ("an account", "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"),
}
_REF: Final = "#/components/schemas/{name}"
_KEY: Final = Parameter(
    "Idempotency-Key", "^[!-~]{8,100}$", "the same key with the same body gives the first answer again"
)


def document(answers: Mapping[str, Any], version: str, server: str) -> dict[str, Any]:
    """Return the description. ``answers`` has the types of answers that other folders define, by route."""
    types = {route.name: answers.get(route.name, route.answer) for route in ROUTES}
    bodies = [route.body for route in ROUTES if route.body is not None]
    wanted = [*types.values(), *bodies, Error]
    schemas, components = msgspec.json.schema_components(wanted, ref_template=_REF)
    answer = dict(zip(types, schemas, strict=False))
    body = {
        route.name: schema
        for route, schema in zip(
            (route for route in ROUTES if route.body is not None), schemas[len(types) :], strict=False
        )
    }
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        operation = _operation(route, answer[route.name], body.get(route.name))
        paths.setdefault(route.path, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Sambung",
            "version": version,
            "description": "The public interface of a Sambung contact centre. docs/api.md says how it is used.",
        },
        "servers": [{"url": server + PREFIX}],
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": {
                "Error": {
                    "description": "It was not done.",
                    "content": _json({"$ref": _REF.format(name="Error")}),
                }
            },
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "sambung"},
                "machine": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _operation(route: Route, answer: Any, body: Any) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "description": _who(route),
        "parameters": [*_path_parameters(route), *_query_parameters(route)],
        "responses": {
            "200": {"description": "Done.", "content": _media(route.sends) or _json(answer)},
            "default": {"$ref": "#/components/responses/Error"},
        },
        "security": [] if route.right is None else [{"session": []}, {"machine": []}],
    }
    if body is not None:
        operation["requestBody"] = {"required": True, "content": _json(body)}
    if route.takes:
        operation["requestBody"] = {"required": True, "content": _media(route.takes)}
    return operation


def _media(kind: str) -> dict[str, Any]:
    return {kind: {"schema": {"type": "string", "format": "binary"}}} if kind else {}


def _who(route: Route) -> str:
    if route.right is None:
        return "Anybody."
    roles = ", ".join(sorted(role.value for role in HOLDERS[route.right]))
    match route.own:
        case Own.MUST:
            return f"Roles: {roles}; only one's own."
        case Own.MAY:
            return f"Roles: {roles}; for one's own, every agent."
    return f"Roles: {roles}."


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    found = []
    for name in re.findall(r"\{(\w+)\}", route.path):
        description, pattern = _PATHS[name]
        parameter = Parameter(name, pattern, description)
        found.append(_parameter(parameter, "path", required=True))
    return found


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    found = [_parameter(parameter, "query") for parameter in route.query]
    if route.changes and route.right is not None:
        found.append(_parameter(_KEY, "header"))
    return found


def _parameter(parameter: Parameter, where: str, *, required: bool = False) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": where,
        "required": required,
        "description": parameter.description,
        "schema": {"type": "string", "pattern": parameter.pattern},
    }


def _json(schema: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
