"""A twin of Stripe: a server that speaks its wire format, keeps its rules, and fails when it is told to.

It holds what it knows in memory. What a test or a trial may turn stands in `Dials`; over HTTP it is `POST /twin/dials`.
"""

import asyncio
import hashlib
import hmac
import itertools
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Json = dict[str, Any]
Deliver = Callable[[bytes, str], Awaitable[None]]
"""Brings a webhook to whom it concerns: (body, Stripe-Signature)."""

CAPTURE_DAYS = 7
SEVERAL, ONE = "pm_card_visa", "pm_card_visa_one_capture"
GROWS = "pm_card_visa_incremental"
"""The card on which more can be promised."""
DECLINES = {
    "pm_card_chargeDeclined": "generic_decline",
    "pm_card_chargeDeclinedInsufficientFunds": "insufficient_funds",
    "pm_card_chargeDeclinedExpiredCard": "expired_card",
}
ASKS_THE_PERSON = "pm_card_authenticationRequired"
INVALID = "invalid_request_error"
REFUND_PENDING, REFUND_FAILS = "pm_card_pendingRefund", "pm_card_refundFail"


class Dials(Struct, forbid_unknown_fields=True):
    """What goes wrong."""

    answers: list[str] = []
    """For the next calls that change something, one each: ok; down (503, nothing done); late (done, answered too late);
    lost (done, the connection is closed); busy (409, nothing done); decline (the card is declined)."""
    late_seconds: float = 2.0
    webhooks_twice: bool = False
    webhooks_backwards: bool = False
    webhooks_lost: bool = False


class NewDispute(Struct, forbid_unknown_fields=True):
    """What a bank takes back, on request."""

    payment_intent: str
    amount: int


class Refused(Exception):
    """An answer in Stripe's error format."""

    def __init__(self, status: int, kind: str, code: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": kind, "code": code, "message": message, **more}}


@dataclass(slots=True)
class Account:
    """All that the twin knows."""

    secret: str
    dials: Dials = field(default_factory=Dials)
    intents: dict[str, Json] = field(default_factory=dict)
    charges: dict[str, Json] = field(default_factory=dict)
    refunds: dict[str, Json] = field(default_factory=dict)
    disputes: dict[str, Json] = field(default_factory=dict)
    files: dict[str, Json] = field(default_factory=dict)
    """What was uploaded, with the size and the name that were told."""
    events: list[Json] = field(default_factory=list)
    """Webhooks that were not delivered yet."""
    answered: dict[str, tuple[str, Json, int, Json]] = field(default_factory=dict)
    """By idempotency key: path, parameters, status, body."""
    calls: list[tuple[str, str, Json]] = field(default_factory=list)
    """Method, path and parameters of everything that was asked."""
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def new_id(self, prefix: str) -> str:
        """A fresh id."""
        return f"{prefix}_twin{next(self.numbers):06d}"

    def tell(self, kind: str, thing: Json) -> None:
        """One more webhook; what it shows is as it is now."""
        shown = msgspec.json.decode(msgspec.json.encode(thing))
        self.events.append(
            {
                "id": self.new_id("evt"), "object": "event", "api_version": "2023-08-16", "created": int(time.time()),
                "data": {"object": shown}, "livemode": False, "pending_webhooks": 1, "request": None, "type": kind,
            }
        )  # fmt: skip

    async def deliver(self, bring: Deliver) -> int:
        """Bring all webhooks, as the dials say; how many were brought."""
        waiting, self.events = self.events, []
        if self.dials.webhooks_lost:
            return 0
        if self.dials.webhooks_backwards:
            waiting.reverse()
        if self.dials.webhooks_twice:
            waiting = [event for event in waiting for _ in range(2)]
        for event in waiting:
            body = msgspec.json.encode(event)
            await bring(body, sign(body, self.secret))
        return len(waiting)


def sign(body: bytes, secret: str, at: int | None = None) -> str:
    """The header Stripe-Signature."""
    moment = int(time.time()) if at is None else at
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def create_twin(account: Account) -> Starlette:
    """The server."""

    def changes(act: Callable[[Account, str, Json], Json]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            return await _change(account, request, act)

        return endpoint

    def reads(look: Callable[[Account, str, Json], Json]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            asked = unfolded(list(request.query_params.multi_items()))
            account.calls.append(("GET", request.url.path, asked))
            return _answered(lambda: look(account, request.path_params.get("id", ""), asked))

        return endpoint

    async def turn(request: Request) -> Response:
        account.dials = msgspec.json.decode(await request.body(), type=Dials)
        return JSONResponse({})

    async def dispute(request: Request) -> Response:
        told = msgspec.json.decode(await request.body(), type=NewDispute)
        return _answered(lambda: open_dispute(account, told.payment_intent, told.amount))

    async def unknown(request: Request, _: Exception) -> Response:
        asked_for = f"{request.method}: {request.url.path}"
        return _refusal(Refused(404, INVALID, "resource_missing", f"Unrecognized request URL ({asked_for})."))

    async def misread(_: Request, error: Exception) -> Response:
        return _refusal(error if isinstance(error, Refused) else Refused(400, INVALID, "parameter_unknown", str(error)))

    return Starlette(
        routes=[
            Route("/v1/payment_intents", changes(create_intent), methods=["POST"]),
            Route("/v1/payment_intents", reads(list_intents)),
            Route("/v1/payment_intents/{id}", changes(update_intent), methods=["POST"]),
            Route("/v1/payment_intents/{id}", reads(show_intent)),
            Route("/v1/payment_intents/{id}/capture", changes(capture_intent), methods=["POST"]),
            Route("/v1/payment_intents/{id}/increment_authorization", changes(increment_intent), methods=["POST"]),
            Route("/v1/payment_intents/{id}/cancel", changes(cancel_intent), methods=["POST"]),
            Route("/v1/refunds", changes(create_refund), methods=["POST"]),
            Route("/v1/refunds", reads(list_refunds)),
            Route("/v1/refunds/{id}", reads(show_refund)),
            Route("/v1/disputes/{id}", changes(update_dispute), methods=["POST"]),
            Route("/v1/disputes/{id}", reads(show_dispute)),
            Route("/v1/disputes/{id}/close", changes(accept_dispute), methods=["POST"]),
            Route("/v1/files", changes(keep_file), methods=["POST"]),
            Route("/twin/dials", turn, methods=["POST"]),
            Route("/twin/disputes", dispute, methods=["POST"]),
        ],
        exception_handlers={404: unknown, 405: unknown, Refused: misread, msgspec.DecodeError: misread},
    )


async def _change(account: Account, request: Request, act: Callable[[Account, str, Json], Json]) -> Response:
    """As Stripe does it: one key, one effect; the same answer again, or a refusal where something else is asked with it."""
    path, asked = request.url.path, await _asked(request)
    account.calls.append(("POST", path, asked))
    key = request.headers.get("idempotency-key", "")
    if key in account.answered:
        known_path, known, status, body = account.answered[key]
        if (known_path, known) != (path, asked):
            return _refusal(Refused(400, "idempotency_error", "idempotency_error", "Keys for idempotent requests can only be used"
                                    " with the same parameters they were first used with."))  # fmt: skip
        return JSONResponse(body, status, {"Idempotent-Replayed": "true"})
    fault = account.dials.answers.pop(0) if account.dials.answers else "ok"
    if fault == "down":
        return _refusal(Refused(503, "api_error", "api_error", "Come again."))
    if fault == "busy":
        return _refusal(Refused(409, INVALID, "lock_timeout", "Another request is at it."))
    does = {**asked, "payment_method": "pm_card_chargeDeclined"} if fault == "decline" else asked
    response = _answered(lambda: act(account, request.path_params.get("id", ""), does))
    if key:
        account.answered[key] = (path, asked, response.status_code, msgspec.json.decode(response.body))
    if fault == "late":
        await asyncio.sleep(account.dials.late_seconds)
    if fault == "lost":
        raise ConnectionResetError("the twin closed the connection after it had done it")
    return response


async def _asked(request: Request) -> Json:
    """What a form says; of a file its name, type and size."""
    if not request.headers.get("content-type", "").startswith("multipart/"):
        return unfolded(parse_qsl((await request.body()).decode(errors="replace"), keep_blank_values=True))
    async with request.form() as form:
        return {
            name: value if isinstance(value, str) else {"name": value.filename, "size": value.size}
            for name, value in form.items()
        }


def _answered(act: Callable[[], Json]) -> Response:
    try:
        return JSONResponse(act())
    except Refused as refused:
        return _refusal(refused)


def _refusal(refused: Refused) -> Response:
    return JSONResponse(refused.body, refused.status)


def unfolded(pairs: list[tuple[str, str]]) -> Json:
    """Form fields with brackets as the object that they mean: a[b][0]=c is {"a": {"b": ["c"]}}. Raises Refused."""
    root: Json = {}
    for name, value in pairs:
        path = name.replace("]", "").split("[")
        at = root
        for part in path[:-1]:
            at = at.setdefault(part, {})
            if not isinstance(at, dict):
                raise Refused(400, INVALID, "parameter_invalid", f"Invalid object: {part}", param=part)
        at[path[-1]] = value
    unfolded: Json = _lists(root)
    return unfolded


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _lists(each) for key, each in value.items()}


def _needed(asked: Json, name: str) -> Any:
    if name not in asked:
        raise Refused(400, INVALID, "parameter_missing", f"Missing required param: {name}.", param=name)
    return asked[name]


def _whole(asked: Json, name: str) -> int:
    told = _needed(asked, name)
    if not (isinstance(told, str) and told.isascii() and told.isdecimal()):
        raise Refused(400, INVALID, "parameter_invalid_integer", f"Invalid integer: {told}", param=name)
    return int(told)


def _object(asked: Json, name: str) -> Json:
    told = asked.get(name, {})
    if not isinstance(told, dict):
        raise Refused(400, INVALID, "parameter_invalid", "Invalid object", param=name)
    return told


def create_intent(account: Account, _: str, asked: Json) -> Json:
    """A payment, confirmed at once."""
    intent: Json = {
        "id": account.new_id("pi"), "object": "payment_intent", "amount": _whole(asked, "amount"), "amount_capturable": 0,
        "amount_received": 0, "automatic_payment_methods": {"allow_redirects": "never", "enabled": True}, "canceled_at": None,
        "cancellation_reason": None, "capture_method": asked.get("capture_method", "automatic"), "client_secret": None,
        "confirmation_method": "automatic", "created": int(time.time()), "currency": _needed(asked, "currency"), "customer": None,
        "description": asked.get("description"), "last_payment_error": None, "latest_charge": None, "livemode": False,
        "metadata": _object(asked, "metadata"), "next_action": None, "payment_method": asked.get("payment_method"),
        "payment_method_options": None, "payment_method_types": ["card"], "status": "requires_payment_method",
    }  # fmt: skip
    account.intents[intent["id"]] = intent
    confirm(account, intent)
    return _expanded(account, intent, asked)


def confirm(account: Account, intent: Json, authenticated: bool = False) -> None:
    """Ask the bank. Raises Refused where it declines."""
    method = intent["payment_method"]
    if method == ASKS_THE_PERSON and not authenticated:
        intent["status"], intent["next_action"] = "requires_action", {"type": "use_stripe_sdk"}
        account.tell("payment_intent.requires_action", intent)
        return
    if decline := DECLINES.get(method):
        error = {
            "type": "card_error",
            "code": "card_declined",
            "decline_code": decline,
            "message": "Your card was declined.",
        }
        intent["last_payment_error"] = error
        account.tell("payment_intent.payment_failed", intent)
        raise Refused(402, **{"kind": "card_error", **_without_type(error)}, payment_intent=dict(intent))
    charge = _new_charge(account, intent)
    intent |= {
        "status": "requires_capture", "next_action": None, "amount_capturable": intent["amount"], "latest_charge": charge["id"],
    }  # fmt: skip
    account.tell("payment_intent.amount_capturable_updated", intent)


def _without_type(error: Json) -> Json:
    return {key: value for key, value in error.items() if key != "type"}


def _new_charge(account: Account, intent: Json) -> Json:
    several = "unavailable" if intent["payment_method"] == ONE else "available"
    charge: Json = {
        "id": account.new_id("ch"), "object": "charge", "amount": intent["amount"], "amount_captured": 0, "amount_refunded": 0,
        "billing_details": {"address": None, "email": None, "name": None, "phone": None}, "captured": False,
        "created": int(time.time()), "currency": intent["currency"], "disputed": False, "livemode": False, "metadata": {},
        "paid": True, "payment_intent": intent["id"], "payment_method": intent["payment_method"], "refunded": False,
        "status": "succeeded",
        "payment_method_details": {
            "type": "card",
            "card": {
                "brand": "visa", "exp_month": 8, "exp_year": 2031, "last4": "4242", "funding": "credit",
                "capture_before": int(time.time()) + CAPTURE_DAYS * 86_400, "multicapture": {"status": several},
                "incremental_authorization": {"status": "available" if intent["payment_method"] == GROWS else "unavailable"},
            },
        },
    }  # fmt: skip
    account.charges[charge["id"]] = charge
    return charge


def show_intent(account: Account, id_: str, asked: Json) -> Json:
    """One payment."""
    return _expanded(account, _find(account.intents, id_, "payment_intent"), asked)


def list_intents(account: Account, _: str, asked: Json) -> Json:
    """The newest first; all of them on one page."""
    since = _whole({"gte": "0", **_object(asked, "created")}, "gte")
    found = [each for each in reversed(account.intents.values()) if each["created"] >= since]
    data = [{**each, "latest_charge": account.charges.get(each["latest_charge"] or "")} for each in found]
    return {"object": "list", "data": data, "has_more": False, "url": "/v1/payment_intents"}


def update_intent(account: Account, id_: str, asked: Json) -> Json:
    """Its metadata."""
    intent = _find(account.intents, id_, "payment_intent")
    intent["metadata"] = {**intent["metadata"], **_object(asked, "metadata")}
    return _expanded(account, intent, asked)


def capture_intent(account: Account, id_: str, asked: Json) -> Json:
    """Take a part; the last capture, or the only one that the card allows, gives up the rest."""
    intent = _find(account.intents, id_, "payment_intent")
    amount = _whole(asked, "amount_to_capture") if asked.get("amount_to_capture") else intent["amount_capturable"]
    if intent["status"] != "requires_capture":
        raise Refused(400, INVALID, "payment_intent_unexpected_state",
                      f"This PaymentIntent could not be captured because it has a status of {intent['status']}.")  # fmt: skip
    if not 0 < amount <= intent["amount_capturable"]:
        raise Refused(400, INVALID, "amount_too_large", "The amount is greater than what is capturable.")
    charge = account.charges[intent["latest_charge"]]
    last = asked.get("final_capture", "true") == "true" or intent["payment_method"] == ONE
    intent["metadata"] = {**intent["metadata"], **_object(asked, "metadata")}
    charge["amount_captured"] += amount
    charge["captured"] = True
    intent["amount_received"] += amount
    intent["amount_capturable"] = 0 if last else intent["amount_capturable"] - amount
    intent["status"] = "succeeded" if intent["amount_capturable"] == 0 else "requires_capture"
    account.tell("charge.captured", charge)
    account.tell(
        "payment_intent.succeeded" if intent["status"] == "succeeded" else "payment_intent.amount_capturable_updated",
        intent,
    )
    return _expanded(account, intent, asked)


def increment_intent(account: Account, id_: str, asked: Json) -> Json:
    """Promise more on the same card, before anything is captured; where the bank declines, all stays as it is."""
    intent = _find(account.intents, id_, "payment_intent")
    if intent["status"] != "requires_capture" or intent["payment_method"] != GROWS:
        raise Refused(400, INVALID, "payment_intent_unexpected_state",
                      "This PaymentIntent is not eligible for incremental authorization.")  # fmt: skip
    amount = _whole(asked, "amount")
    if amount <= intent["amount"]:
        raise Refused(
            400,
            INVALID,
            "amount_too_small",
            "The amount must be greater than the currently authorized amount.",
        )
    if decline := DECLINES.get(asked.get("payment_method", "")):
        raise Refused(402, "card_error", "card_declined", "Your card was declined.", decline_code=decline)
    intent |= {
        "amount": amount,
        "amount_capturable": amount,
        "metadata": {**intent["metadata"], **_object(asked, "metadata")},
    }
    account.charges[intent["latest_charge"]]["amount"] = amount
    account.tell("payment_intent.amount_capturable_updated", intent)
    return _expanded(account, intent, asked)


def cancel_intent(account: Account, id_: str, asked: Json) -> Json:
    """Give up what was not captured."""
    intent = _find(account.intents, id_, "payment_intent")
    if intent["status"] in ("succeeded", "canceled"):
        raise Refused(400, INVALID, "payment_intent_unexpected_state",
                      f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}.")  # fmt: skip
    intent |= {"amount_capturable": 0, "status": "canceled", "canceled_at": int(time.time())}
    account.tell("payment_intent.canceled", intent)
    return _expanded(account, intent, asked)


def create_refund(account: Account, _: str, asked: Json) -> Json:
    """Give back a part; some cards take their time, of some it comes back."""
    intent = _find(account.intents, _needed(asked, "payment_intent"), "payment_intent")
    amount = _whole(asked, "amount")
    charge = account.charges.get(intent["latest_charge"] or "")
    if charge is None or amount > charge["amount_captured"] - charge["amount_refunded"]:
        raise Refused(400, INVALID, "charge_already_refunded", "There is not so much left to refund.")
    refund: Json = {
        "id": account.new_id("re"), "object": "refund", "amount": amount, "charge": charge["id"], "created": int(time.time()),
        "currency": intent["currency"], "metadata": _object(asked, "metadata"), "payment_intent": intent["id"], "reason": None,
        "status": "pending" if intent["payment_method"] == REFUND_PENDING else "succeeded",
    }  # fmt: skip
    account.refunds[refund["id"]] = refund
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    account.tell("refund.created", refund)
    account.tell("charge.refunded", charge)
    answer = dict(refund)
    if intent["payment_method"] == REFUND_FAILS:
        end_refund(account, refund["id"], "failed")
    return answer


def end_refund(account: Account, id_: str, status: str) -> None:
    """A bank says what became of it, later."""
    refund = account.refunds[id_]
    refund["status"] = status
    if status == "failed":
        refund["failure_reason"] = "lost_or_stolen_card"
        account.charges[refund["charge"]]["amount_refunded"] -= refund["amount"]
    account.tell("refund.failed" if status == "failed" else "refund.updated", refund)


def open_dispute(account: Account, intent_id: str, amount: int) -> Json:
    """A customer's bank takes money back."""
    intent = _find(account.intents, intent_id, "payment_intent")
    account.charges[intent["latest_charge"]]["disputed"] = True
    dispute: Json = {
        "id": account.new_id("dp"), "object": "dispute", "amount": amount, "balance_transactions": [], "charge": intent["latest_charge"],
        "created": int(time.time()), "currency": intent["currency"], "evidence": {}, "is_charge_refundable": False, "livemode": False,
        "evidence_details": {"due_by": int(time.time()) + 7 * 86_400, "has_evidence": False, "past_due": False, "submission_count": 0},
        "metadata": {}, "payment_intent": intent_id, "reason": "product_not_received", "status": "needs_response",
    }  # fmt: skip
    account.disputes[dispute["id"]] = dispute
    account.tell("charge.dispute.created", dispute)
    return dispute


def keep_file(account: Account, _: str, asked: Json) -> Json:
    """A file for later; its content is nobody's business here."""
    told = _needed(asked, "file")
    if not isinstance(told, dict):
        raise Refused(400, INVALID, "parameter_invalid", "Invalid file", param="file")
    file: Json = {
        "id": account.new_id("file"), "object": "file", "created": int(time.time()), "expires_at": None, "filename": told["name"],
        "links": None,
        "purpose": _needed(asked, "purpose"), "size": told["size"], "title": None,
        "type": told["name"].rpartition(".")[2], "url": None,
    }  # fmt: skip
    account.files[file["id"]] = file
    return file


def show_dispute(account: Account, id_: str, _: Json) -> Json:
    """One dispute."""
    return dict(_find(account.disputes, id_, "dispute"))


def update_dispute(account: Account, id_: str, asked: Json) -> Json:
    """Evidence, which counts once it is submitted; and then no more is taken."""
    dispute = _find(account.disputes, id_, "dispute")
    if dispute["status"] != "needs_response" or dispute["evidence_details"]["past_due"]:
        raise Refused(400, INVALID, "dispute_not_open", "This dispute takes no evidence any more.")
    evidence = {**dispute["evidence"], **_object(asked, "evidence")}
    for name in ("receipt", "customer_communication", "shipping_documentation", "refund_policy", "uncategorized_file"):
        if name in evidence:
            _find(account.files, evidence[name], "file")
    dispute |= {"evidence": evidence, "metadata": {**dispute["metadata"], **_object(asked, "metadata")}}
    if asked.get("submit") == "true":
        told = {**dispute["evidence_details"], "has_evidence": True, "submission_count": 1}
        dispute |= {"status": "under_review", "evidence_details": told}
    account.tell("charge.dispute.updated", dispute)
    return dict(dispute)


def accept_dispute(account: Account, id_: str, _: Json) -> Json:
    """The merchant gives in."""
    dispute = _find(account.disputes, id_, "dispute")
    if dispute["status"] not in ("needs_response", "under_review"):
        raise Refused(400, INVALID, "dispute_not_open", "This dispute is closed.")
    close_dispute(account, dispute, "lost")
    return dict(dispute)


def close_dispute(account: Account, dispute: Json, status: str) -> None:
    """The bank decides: won or lost."""
    dispute["status"] = status
    account.tell("charge.dispute.closed", dispute)


def show_refund(account: Account, id_: str, _: Json) -> Json:
    """One refund."""
    return dict(_find(account.refunds, id_, "refund"))


def list_refunds(account: Account, _: str, asked: Json) -> Json:
    """Those of one payment."""
    data = [each for each in account.refunds.values() if each["payment_intent"] == asked.get("payment_intent")]
    return {"object": "list", "data": data, "has_more": False, "url": "/v1/refunds"}


def _find(things: dict[str, Json], id_: str, what: str) -> Json:
    if id_ not in things:
        raise Refused(404, INVALID, "resource_missing", f"No such {what}: '{id_}'")
    return things[id_]


def _expanded(account: Account, intent: Json, asked: Json) -> Json:
    if "latest_charge" in asked.get("expand", ()) and intent["latest_charge"]:
        return {**intent, "latest_charge": account.charges[intent["latest_charge"]]}
    return dict(intent)
