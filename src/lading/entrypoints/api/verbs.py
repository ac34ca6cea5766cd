"""Routes of the verbs: one command, many commands, dry run; all from the registration."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from msgspec import Struct
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from lading.access.store import Caller
from lading.entrypoints.api.parameters import parameters
from lading.entrypoints.api.problems import FieldError, Problem, malformed, misfits, problem, render
from lading.entrypoints.service import EXPLICIT_COMMANDS_MAX, Service, command_id, envelope
from lading.journal.types import Answer, Decision, Envelope
from lading.kernel.outcomes import Refusal
from lading.operations.registry import Verb

Handler = Callable[[Request, Caller], Awaitable[Response]]

BODY_MAX_BYTES = 10_000_000

_encode = msgspec.json.Encoder(decimal_format="string", enc_hook=str).encode
_decode_refusal = msgspec.json.Decoder(Refusal).decode


class TooLarge(Exception):
    """The body is larger than any batch needs to be (413)."""


class NotJson(Exception):
    """The body cannot be read as JSON (400)."""


class Planned(Struct, frozen=True):
    """What one command of a dry run would come to."""

    outcome: Any
    event: Any = None
    postings: list[Any] = []
    money: list[Any] = []
    rows: list[Any] = []
    also: list[Any] = []
    """Events of what it would do to other things."""


def handler(service: Service, verb: Verb) -> Handler:
    """POST {route}: a command or {"commands": [...]}; `?dry_run=true` writes nothing."""

    async def post(request: Request, caller: Caller) -> Response:
        asked = request.scope["query_string"]  # `request.url` is put together anew for every request
        dry_run = parameters(request, ("dry_run",)).get("dry_run", "false") if asked else "false"
        raw = await read_json(request)
        if dry_run not in ("true", "false"):
            return render(misfits([FieldError("/dry_run", "must be true or false")]))
        key = request.headers.get("idempotency-key")
        if key is not None and not 1 <= len(key) <= 255:
            return render(misfits([FieldError("/Idempotency-Key", "must be text of 1 to 255 characters")]))
        if isinstance(raw, dict) and raw.keys() == {"commands"}:
            return await _many(service, verb, caller, raw["commands"], key, dry_run == "true")
        return await _one(service, verb, caller, raw, key, dry_run == "true")

    return post


async def read_json(request: Request) -> Any:
    """The body, parsed. Raises TooLarge or NotJson."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > BODY_MAX_BYTES:
        raise TooLarge
    body = bytearray()
    more = True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > BODY_MAX_BYTES:
            raise TooLarge
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        coding = request.headers.get("content-encoding")
        raise NotJson(f"it is sent as {coding}; send it as it is" if coding else _not_json(body, error)) from None


def _not_json(body: bytes | bytearray, error: Exception) -> str:
    match error:
        case RecursionError():
            return "it is nested too deeply"
        case UnicodeDecodeError():
            return f"it is not UTF-8 ({error.reason})"
        case _:
            text = str(error).removeprefix("JSON is malformed: ")
            return text[0].lower() + text[1:] if body.strip() else "it is empty"


async def _one(service: Service, verb: Verb, caller: Caller, raw: Any, key: str | None, dry_run: bool) -> Response:
    try:
        work = envelope(caller, verb, raw, command_id(caller, verb, key) if key else None)
    except msgspec.ValidationError as error:
        return render(malformed(verb.command, raw, str(error)))
    if dry_run:
        decision = (await service.preview(caller, verb, [work]))[0]
        if isinstance(decision.outcome, Refusal):
            return render(refusal_problem(decision.outcome))
        return Response(_encode(plan(decision)), media_type="application/json")
    answer = await service.submit(caller, verb, work)
    if answer.accepted:
        headers = {"Idempotent-Replay": "true"} if answer.replayed else None
        return Response(answer.body, 201 if verb.creates else 200, headers, "application/json")
    return render(answer_problem(answer))


async def _many(service: Service, verb: Verb, caller: Caller, raws: Any, key: str | None, dry_run: bool) -> Response:
    if not isinstance(raws, list) or not 1 <= len(raws) <= EXPLICIT_COMMANDS_MAX:
        sentence = f"must be a list of 1 to {EXPLICIT_COMMANDS_MAX:,} commands"
        return render(misfits([FieldError("/commands", sentence)]))
    results: list[bytes | None] = [None] * len(raws)
    works: list[tuple[int, Envelope[Any]]] = []
    for index, raw in enumerate(raws):
        try:
            works.append((index, envelope(caller, verb, raw, command_id(caller, verb, key, index) if key else None)))
        except msgspec.ValidationError as error:
            results[index] = _failed(malformed(verb.command, raw, str(error)))
    batch = [work for _, work in works]
    if dry_run:
        planned = await service.preview(caller, verb, batch)
        rendered = [_planned(decision) for decision in planned]
    else:
        rendered = [_answered(verb, answer) for answer in await service.run(caller, verb, batch)]
    for (index, _), result in zip(works, rendered, strict=True):
        results[index] = result
    return Response(
        b'{"results":[' + b",".join(result for result in results if result) + b"]}", media_type="application/json"
    )


def _answered(verb: Verb, answer: Answer) -> bytes:
    if answer.accepted:
        return b'{"status":%d,"outcome":%b}' % (201 if verb.creates else 200, answer.body)
    return _failed(answer_problem(answer))


def _planned(decision: Decision) -> bytes:
    if isinstance(decision.outcome, Refusal):
        return _failed(refusal_problem(decision.outcome))
    return b'{"status":200,"plan":%b}' % _encode(plan(decision))


def _failed(value: Problem) -> bytes:
    return b'{"status":%d,"problem":%b}' % (value.status, _encode(value))


def plan(decision: Decision) -> Planned:
    """What write would be given: outcome, event, postings, money, rows of documents."""
    every = (decision, *decision.also)
    return Planned(
        decision.outcome,
        decision.event._asdict() if decision.event else None,
        [_posting(posting) for each in every for posting in each.postings],
        [posting._asdict() for each in every for posting in each.money],
        [{"kind": type(row).__name__, "row": row} for each in every for row in each.rows],
        [each.event._asdict() for each in decision.also if each.event],
    )


def _posting(posting: Any) -> dict[str, Any]:
    told: dict[str, Any] = posting._asdict()
    for end in ("source", "target"):
        if told[end] is not None:
            told[end] = told[end]._asdict()
    return told


def answer_problem(answer: Answer) -> Problem:
    """The problem that a refusal, stored or fresh, is rendered as; 500 where a bug kept the command from being decided."""
    if answer.failed:
        return problem(
            "failed", 500, "Not done", "The command could not be carried out because of a fault of ours; nothing was changed."
            " Try again with the same Idempotency-Key.",
        )  # fmt: skip
    return refusal_problem(_decode_refusal(answer.body))


def refusal_problem(refusal: Refusal) -> Problem:
    """404 for what is unknown, 409 for any other business refusal."""
    status = 404 if refusal.name.startswith("unknown_") else 409
    errors = [FieldError(refusal.pointer, refusal.message)] if refusal.pointer else []
    return Problem(f"/problems/{refusal.name}", "Refused", status, refusal.message, errors, refusal.facts)
