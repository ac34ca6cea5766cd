"""The browsable page of the API: every operation with its fields, refusals and an example, from the OpenAPI."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from starlette.responses import Response

from lading.entrypoints.api.openapi import document
from lading.entrypoints.console.context import Context

_METHODS = ("get", "post")


@dataclass(slots=True, frozen=True)
class Field:
    """One field of a command, or one parameter of a question."""

    name: str
    kind: str
    required: bool
    meaning: str


@dataclass(slots=True, frozen=True)
class Operation:
    """One operation as the page shows it."""

    method: str
    path: str
    tag: str
    summary: str
    description: str
    fields: list[Field] = field(default_factory=list)
    example: str = ""


async def show(context: Context) -> Response:
    """The page; the same document is served to programs at /v1/openapi.json."""
    operations = sorted(
        _operations(document()), key=lambda operation: (operation.tag, operation.path, operation.method)
    )
    groups = [(tag, list(members)) for tag, members in groupby(operations, key=lambda operation: operation.tag)]
    return context.render("docs.html", groups=groups, address=str(context.request.base_url).rstrip("/"))


def _operations(told: Mapping[str, Any]) -> list[Operation]:
    schemas: Mapping[str, Any] = told["components"]["schemas"]
    found = []
    for path, methods in told["paths"].items():
        for method in _METHODS:
            if operation := methods.get(method):
                body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
                example = json.dumps(body["example"], indent=2, ensure_ascii=False) if "example" in body else ""
                fields = _of_body(body, schemas) if body else _of_parameters(operation, schemas)
                found.append(
                    Operation(
                        method.upper(), path, operation["tags"][0], operation["summary"],
                        operation.get("description", "").replace("`", ""), fields, example,
                    )
                )  # fmt: skip
    return found


def _of_body(body: Mapping[str, Any], schemas: Mapping[str, Any]) -> list[Field]:
    schema = body["schema"].get("anyOf", [body["schema"]])[0]
    command = schemas[schema["$ref"].rpartition("/")[2]]
    required = command.get("required", ())
    return [
        Field(name, _kind(kind, schemas), name in required, _meaning(kind, schemas))
        for name, kind in command.get("properties", {}).items()
    ]


def _of_parameters(operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> list[Field]:
    return [
        Field(
            each["name"], _kind(each["schema"], schemas), each.get("required", False), _meaning(each["schema"], schemas)
        )
        for each in operation.get("parameters", ())
    ]


def _kind(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    """What a value looks like, in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return "{" + ", ".join(schemas[name].get("properties", {})) + "}"
    if "anyOf" in schema:
        return " | ".join(_kind(each, schemas) for each in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(each) for each in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}), schemas)}"
    return str(schema.get("format") or schema.get("type", "any"))


def _meaning(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schemas[schema["$ref"].rpartition("/")[2]].get("description", ""))
    if "anyOf" in schema:
        return next((told for each in schema["anyOf"] if (told := _meaning(each, schemas))), "")
    return str(schema.get("description", ""))
