"""OpenAPI 3.1 from the registrations: each verb in its single and its batch form, each view, with examples."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from lading import __version__
from lading.entrypoints.api.problems import Problem
from lading.entrypoints.api.questions import Read
from lading.entrypoints.api.reads import READS
from lading.entrypoints.exporting import MEDIA_TYPES
from lading.entrypoints.files import KeptFile
from lading.entrypoints.printing.making import KINDS, TYPES, PaperQuery
from lading.operations.registry import Verb, verbs
from lading.views.events import Feed, FeedQuery
from lading.views.exports import EXPORTS

_REF = "#/components/schemas/{name}"
_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_PROBLEMS = {
    "400": "The body is not JSON.",
    "401": "No valid API key.",
    "403": "The key may not do this.",
    "413": "The body is too large.",
    "422": "Fields that do not fit, each by its JSON pointer.",
    "503": "Try again later; see Retry-After.",
}


@cache
def document() -> Mapping[str, Any]:
    """The whole document; the same for every caller."""
    kinds = [
        Problem,
        Feed,
        FeedQuery,
        KeptFile,
        PaperQuery,
        *(kind for verb in verbs().values() for kind in (verb.command, verb.outcome)),
    ]
    kinds += [kind for read in READS for kind in (read.query, read.answer)]
    _, schemas = msgspec.json.schema_components(list(dict.fromkeys(kinds)), ref_template=_REF)
    paths: dict[str, Any] = {}
    for verb in verbs().values():
        paths.setdefault(verb.route, {})["post"] = _verb(verb)
    for read in READS:
        paths.setdefault(read.path, {})[read.method.lower()] = _read(read, schemas)
    told = "Events after a position, in order and without a gap; `wait` seconds for news."
    paths["/v1/events"] = {"get": _feed("get_events", _json(_ref(Feed)), told, schemas)}
    told = "The same as server-sent events, whose ids are positions; Last-Event-ID resumes."
    paths["/v1/events/stream"] = {
        "get": _feed("stream_events", {"text/event-stream": {"schema": {"type": "string"}}}, told, schemas)
    }
    paths["/v1/exports/{name}"] = {"get": _export()}
    paths["/v1/documents/{kind}/{of}"] = {"get": _paper(schemas)}
    paths["/v1/print-jobs/{job}/file"] = {"get": _print_file()}
    paths["/v1/files"] = {"post": _files()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Lading",
            "version": __version__,
            "description": 'Order management. Each POST takes one command or {"commands": [...]} (up to 1,000, one result each);'
            " `?dry_run=true` says what would happen and writes nothing; `Idempotency-Key` makes a retry safe.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"key": []}],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": schemas, "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    }


@cache
def scopes() -> tuple[str, ...]:
    """Every scope that a key can have, the widest first."""
    fine = {verb.scope for verb in verbs().values()} | {read.scope for read in READS}
    fine |= {"events:read", "docs:read", "metrics:read", "files:write", "exports:read", "documents:read"}
    return "*", *sorted({f"*:{scope.partition(':')[2]}" for scope in fine}), *sorted(fine)


def _ref(kind: type) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


def _json(schema: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema, **more}}


def _problems(*statuses: str) -> dict[str, Any]:
    return {status: {"description": _PROBLEMS[status], "content": _PROBLEM} for status in statuses}


def _verb(verb: Verb) -> dict[str, Any]:
    batch = {
        "type": "object", "required": ["commands"], "additionalProperties": False,
        "properties": {"commands": {"type": "array", "items": _ref(verb.command), "minItems": 1, "maxItems": 1000}},
    }  # fmt: skip
    result = {
        "type": "object", "required": ["status"],
        "properties": {"status": {"type": "integer"}, "outcome": _ref(verb.outcome), "plan": {"type": "object"}, "problem": _ref(Problem)},
    }  # fmt: skip
    many = {"type": "object", "required": ["results"], "properties": {"results": {"type": "array", "items": result}}}
    planned = {
        "type": "object",
        "required": ["outcome", "event", "postings", "money", "rows", "also"],
        "description": "The plan of a dry run.",
    }
    done = {"description": verb.summary, "content": _json({"anyOf": [_ref(verb.outcome), many, planned]})}
    refusals = ", ".join(name for name, _ in verb.refusals) or "none of its own"
    replay = {
        "Idempotent-Replay": {"schema": {"const": "true"}, "description": "The stored answer of an earlier request."}
    }
    responses: dict[str, Any] = {"200": done | {"headers": replay}}
    if verb.creates:
        responses["201"] = {"description": verb.summary, "headers": replay, "content": _json(_ref(verb.outcome))}
    responses |= {
        "404": {"description": "Something that the command names is unknown.", "content": _PROBLEM},
        "409": {"description": f"Refused: {refusals}.", "content": _PROBLEM},
        **_problems(*_PROBLEMS),
    }
    return {
        "operationId": verb.name.replace(".", "_").replace("-", "_"),
        "tags": [verb.noun],
        "summary": verb.summary,
        "description": f"Appends `{verb.event}`. Scope `{verb.scope}`. Refusals: {refusals}.",
        "parameters": [
            {"name": "dry_run", "in": "query", "schema": {"type": "string", "enum": ["true", "false"]},
             "description": "Say what would happen, write nothing."},
            {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "minLength": 1, "maxLength": 255},
             "description": "The same key with the same body gets the same answer."},
        ],
        "requestBody": {"required": True, "content": _json({"anyOf": [_ref(verb.command), batch]}, example=dict(verb.example))},
        "responses": responses,
    }  # fmt: skip


def _read(read: Read, schemas: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": f"{read.method.lower()}_{read.path.removeprefix('/v1/').replace('/', '_').replace('{', '').replace('}', '')}",
        "tags": [read.path.split("/")[2]],
        "summary": read.summary,
        "description": f"Scope `{read.scope}`.",
        "responses": {
            "200": {"description": read.summary, "content": _json(_ref(read.answer))},
            "404": {"description": "There is no such thing.", "content": _PROBLEM},
            **_problems("401", "403", "422", "503"),
        },
    }
    if read.method == "POST":
        told["requestBody"] = {"required": True, "content": _json(_ref(read.query), example=dict(read.example))}
        told["responses"] |= _problems("400", "413")
    else:
        told["parameters"] = _parameters(schemas[read.query.__name__], read.path, read.example)
    return told


def _parameters(schema: Mapping[str, Any], path: str, example: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path" if f"{{{name}}}" in path else "query", "schema": kind,
         "required": f"{{{name}}}" in path or name in schema.get("required", ()),
         **({"example": example[name]} if name in example else {})}
        for name, kind in schema.get("properties", {}).items()
    ]  # fmt: skip


def _feed(name: str, content: Mapping[str, Any], summary: str, schemas: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "operationId": name,
        "tags": ["events"],
        "summary": summary,
        "description": "Scope `events:read`.",
        "parameters": _parameters(schemas["FeedQuery"], "", {"after": 0, "limit": 100}),
        "responses": {
            "200": {"description": summary, "content": content},
            **_problems("401", "403", "422", "503"),
        },
    }


def _files() -> dict[str, Any]:
    told = "Hand a file in; commands name it by the SHA-256 of the answer."
    return {
        "operationId": "post_files",
        "tags": ["files"],
        "summary": told,
        "description": "Scope `files:write`. The same content again is the same file.",
        "requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {}}}},
        "responses": {
            "201": {"description": told, "content": _json(_ref(KeptFile))},
            **_problems("401", "403", "413", "503"),
        },
    }


def _paper(schemas: Mapping[str, Any]) -> dict[str, Any]:
    told = " ".join(f"`{kind}`: {meaning}" for kind, meaning in KINDS.items())
    example = {"kind": "packing-slip", "of": "1042-P1"}
    return {
        "operationId": "get_documents_kind_of",
        "tags": ["documents"],
        "summary": "A paper, ready to be printed: PDF, or a label as ZPL.",
        "description": f"{told} Scope `documents:read`.",
        "parameters": _parameters(schemas["PaperQuery"], "/v1/documents/{kind}/{of}", example),
        "responses": {
            "200": {"description": "The paper.", "content": {media: {"schema": {}} for media in TYPES.values()}},
            "404": {"description": "There is no such thing.", "content": _PROBLEM},
            **_problems("401", "403", "422", "503"),
        },
    }


def _print_file() -> dict[str, Any]:
    return {
        "operationId": "get_print_jobs_job_file",
        "tags": ["print-jobs"],
        "summary": "The paper of a print job; what was printed before is given as it was.",
        "description": "Its SHA-256 stands in the header `x-sha256`. Scope `documents:read`.",
        "parameters": [{"name": "job", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}],
        "responses": {
            "200": {"description": "The paper.", "content": {media: {"schema": {}} for media in TYPES.values()}},
            "404": {"description": "There is no such job, or nothing that it is about.", "content": _PROBLEM},
            **_problems("401", "403", "503"),
        },
    }


def _export() -> dict[str, Any]:
    told = "A whole table as a file: " + " ".join(f"`{export.name}`: {export.summary}" for export in EXPORTS.values())
    return {
        "operationId": "get_exports_name",
        "tags": ["exports"],
        "summary": "A whole table as a file: CSV, Parquet, or (money) a journal for beancount.",
        "description": f"{told} Scope `exports:read`.",
        "parameters": [
            {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "enum": list(EXPORTS)}},
            {"name": "format", "in": "query", "schema": {"type": "string", "enum": list(MEDIA_TYPES), "default": "csv"}},
        ],
        "responses": {
            "200": {"description": "The table.", "content": {media: {"schema": {}} for media in MEDIA_TYPES.values()}},
            "404": {"description": "There is no such export.", "content": _PROBLEM},
            **_problems("401", "403", "422", "503"),
        },
    }  # fmt: skip
