"""Stripe: payment intents that are captured by hand, and refunds; with its own client library.

What was done is remembered at Stripe as well, in the metadata of payments and refunds: an answer that got lost is found there, however
late, and a webhook needs no table of ours to be understood.
"""

import io
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import stripe

from lading.payments.port import Ask, Disputed, DisputeReply, Heard, NotGenuine, ProviderAway, Sent, Told
from lading.payments.types import DisputeStatus

TIMEOUT_SECONDS = 20.0
TOLERANCE_SECONDS = 300
"""How old a webhook may be."""
KEYS_KEPT = timedelta(hours=20)
"""Stripe forgets idempotency keys after a day: what is older is looked for before it is asked again."""

_TIMES = {"ISK": 100, "UGX": 100}
"""Currencies without decimals that Stripe counts in hundredths all the same."""

ORDER, TENDER, REQUEST, CAPTURE, MORE, ANSWER = (
    "lading_order",
    "lading_tender",
    "lading_request",
    "lading_capture_",
    "lading_more_",
    "lading_answer",
)
EVIDENCE_MAX = 20_000
"""Signs of a text that Stripe takes as evidence."""


class Stripe:
    """One Stripe account."""

    def __init__(
        self,
        api_key: str,
        webhook_secret: str = "",
        api_base: str | None = None,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self._secret = webhook_secret
        self._http = stripe.HTTPXClient(timeout=timeout_seconds)
        self._client = stripe.StripeClient(
            api_key,
            http_client=self._http,
            base_addresses={"api": api_base, "files": api_base} if api_base else None,
            max_network_retries=0,
        )

    async def close(self) -> None:
        """Close its connections."""
        await self._http.close_async()  # type: ignore[no-untyped-call]

    async def ask(self, ask: Ask) -> Told:
        """Carry it out, or learn what became of it. Raises ProviderAway."""
        try:
            if ask.attempts > 1 and datetime.now(UTC) - ask.asked_at > KEYS_KEPT and (found := await self._look(ask)):
                return found
            return await self._do[ask.kind](self, ask)
        except stripe.CardError as error:
            return _declined(error)
        except stripe.InvalidRequestError as error:
            if error.http_status in (409, 429):
                raise ProviderAway(str(error)) from error
            return await self._after_refusal(ask, error)
        except stripe.StripeError as error:
            raise ProviderAway(f"{type(error).__name__}: {error.user_message or error}") from error

    async def _after_refusal(self, ask: Ask, error: stripe.InvalidRequestError) -> Told:
        """Stripe says no: because it did it already, perhaps."""
        try:
            found = await self._look(ask)
        except stripe.StripeError as trouble:
            raise ProviderAway(str(trouble)) from trouble
        return found or Told("failed", code=error.code or "invalid_request")

    async def _authorise(self, ask: Ask) -> Told:
        if ask.promised_minor:
            return await self._increment(ask)
        known = ask.reference
        if known is None:
            params: stripe.params.PaymentIntentCreateParams = {
                "amount": _amount(ask),
                "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
                "currency": ask.currency.lower(),
                "capture_method": "manual",
                "confirm": True,
                "description": f"Order {ask.order}",
                "expand": ["latest_charge"],
                "metadata": _metadata(ask),
                "payment_method": ask.method or "",
                "payment_method_options": {
                    "card": {
                        "request_incremental_authorization": "if_available",
                        "request_multicapture": "if_available",
                    }
                },
            }
            if ask.payer is not None:
                params["customer"] = ask.payer
            if ask.unattended:
                params["off_session"] = True
            intent = await self._client.v1.payment_intents.create_async(params, {"idempotency_key": ask.key})
        elif ask.method is None and ask.attempts == 1:
            intent = await self._client.v1.payment_intents.update_async(
                known, {"expand": ["latest_charge"], "metadata": _metadata(ask)}, {"idempotency_key": ask.key}
            )
        else:
            intent = await self._client.v1.payment_intents.retrieve_async(known, {"expand": ["latest_charge"]})
        return _authorised(_plain(intent), ask)

    async def _increment(self, ask: Ask) -> Told:
        """Stripe is told what is promised in all."""
        intent = await self._client.v1.payment_intents.increment_authorization_async(
            ask.payment or "",
            {
                "amount": (ask.promised_minor + ask.amount_minor) * _TIMES.get(ask.currency, 1),
                "expand": ["latest_charge"],
                "metadata": {f"{MORE}{ask.number}": str(_amount(ask))},
            },
            {"idempotency_key": ask.key},
        )
        return _authorised(_plain(intent), ask)

    async def _capture(self, ask: Ask) -> Told:
        intent = await self._client.v1.payment_intents.capture_async(
            ask.payment or "",
            {
                "amount_to_capture": _amount(ask),
                "final_capture": ask.last,
                "metadata": {f"{CAPTURE}{ask.number}": str(_amount(ask))},
            },
            {"idempotency_key": ask.key},
        )
        return Told("succeeded", reference=_id(_plain(intent).get("latest_charge")))

    async def _void(self, ask: Ask) -> Told:
        await self._client.v1.payment_intents.cancel_async(ask.payment or "", {}, {"idempotency_key": ask.key})
        return Told("succeeded")

    async def _refund(self, ask: Ask) -> Told:
        if ask.reference is not None:
            return _refunded(_plain(await self._client.v1.refunds.retrieve_async(ask.reference)))
        refund = await self._client.v1.refunds.create_async(
            {"payment_intent": ask.payment or "", "amount": _amount(ask), "metadata": _metadata(ask)},
            {"idempotency_key": ask.key},
        )
        return _refunded(_plain(refund))

    _do: Mapping[str, Callable[["Stripe", Ask], Awaitable[Told]]] = {
        "authorise": _authorise,
        "capture": _capture,
        "void": _void,
        "refund": _refund,
    }

    async def reply(self, reply: DisputeReply) -> Told:
        """Pass an answer to a dispute on, or learn that it was. Raises ProviderAway."""
        disputes = self._client.v1.disputes
        try:
            known = _plain(await disputes.retrieve_async(reply.dispute))
            if reply.accept and known["status"] == "lost":
                return Told("succeeded")
            if (known.get("metadata") or {}).get(ANSWER) == str(reply.number):
                return Told("succeeded")
            if reply.accept:
                await disputes.close_async(reply.dispute, {}, {"idempotency_key": reply.key})
            else:
                evidence = {**_evidence(reply), **await self._upload(reply)}
                mark = {ANSWER: str(reply.number)}
                params: Any = {"evidence": evidence, "submit": True, "metadata": mark}
                await disputes.update_async(reply.dispute, params)
        except stripe.InvalidRequestError as error:
            if error.http_status in (409, 429):
                raise ProviderAway(str(error)) from error
            return Told("failed", code=error.code or "invalid_request")
        except stripe.StripeError as error:
            raise ProviderAway(f"{type(error).__name__}: {error.user_message or error}") from error
        return Told("succeeded")

    async def _upload(self, reply: DisputeReply) -> dict[str, str]:
        """Stripe's ids of the files, by what they show; the same file is uploaded once a day."""
        found = {}
        for index, file in enumerate(reply.files):
            content = io.BytesIO(file.content)
            content.name = file.name
            params: Any = {"purpose": "dispute_evidence", "file": content}
            uploaded = await self._client.v1.files.create_async(params, {"idempotency_key": f"{reply.key}-{index}"})
            found[_SHOWS[file.purpose]] = uploaded.id
        return found

    async def _look(self, ask: Ask) -> Told | None:
        """What became of it, as Stripe's own records say; None where they know nothing of it."""
        if ask.kind == "refund":
            found = await self._client.v1.refunds.list_async({"payment_intent": ask.payment or "", "limit": 100})
            mine = [each for each in map(_plain, found.data) if _is_mine(each["metadata"], ask)]
            return _refunded(mine[0]) if mine else None
        if ask.kind == "authorise" and not ask.promised_minor:
            intent = await self._find_intent(ask)
            return _authorised(intent, ask) if intent else None
        expand: Any = {"expand": ["latest_charge"]}
        intent = _plain(await self._client.v1.payment_intents.retrieve_async(ask.payment or "", expand))
        if ask.kind == "authorise":
            return _authorised(intent, ask) if f"{MORE}{ask.number}" in (intent["metadata"] or {}) else None
        if ask.kind == "void":
            return Told("succeeded") if intent["amount_capturable"] == 0 else None
        done = f"{CAPTURE}{ask.number}" in (intent["metadata"] or {})
        return Told("succeeded", reference=_id(intent.get("latest_charge"))) if done else None

    async def _find_intent(self, ask: Ask) -> dict[str, Any] | None:
        if ask.reference is not None:
            expand: Any = {"expand": ["latest_charge"]}
            return _plain(await self._client.v1.payment_intents.retrieve_async(ask.reference, expand))
        since = int(ask.asked_at.timestamp()) - TOLERANCE_SECONDS
        page = await self._client.v1.payment_intents.list_async(
            {"created": {"gte": since}, "expand": ["data.latest_charge"], "limit": 100}
        )
        async for each in page.auto_paging_iter():
            if _is_mine((intent := _plain(each))["metadata"], ask):
                return intent
        return None

    def hear(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Heard | Disputed]:
        """The news of a webhook that concern us. Raises NotGenuine."""
        try:
            stripe.WebhookSignature.verify_header(
                body, headers.get("stripe-signature", ""), self._secret, TOLERANCE_SECONDS
            )
            event: dict[str, Any] = msgspec.json.decode(body)
            return _heard(event["type"], event["data"]["object"])
        except (
            stripe.SignatureVerificationError,
            msgspec.DecodeError,
            KeyError,
            TypeError,
            UnicodeDecodeError,
        ) as error:
            raise NotGenuine(str(error)) from error


def _plain(thing: Any) -> dict[str, Any]:
    """An object of Stripe's library as the JSON that it came from."""
    plain: dict[str, Any] = thing.to_dict()
    return plain


def _amount(ask: Ask) -> int:
    return ask.amount_minor * _TIMES.get(ask.currency, 1)


def _minor(amount: int, currency: str) -> int:
    return amount // _TIMES.get(currency.upper(), 1)


def _metadata(ask: Ask) -> dict[str, str]:
    return {ORDER: str(ask.order_id), TENDER: str(ask.tender), REQUEST: str(ask.number), "order_number": ask.order}


def _is_mine(metadata: Any, ask: Ask) -> bool:
    return {name: (metadata or {}).get(name) for name in _metadata(ask)} == _metadata(ask)


def _id(thing: Any) -> str | None:
    """Of something that may be there whole, by its id, or not at all."""
    return thing if thing is None or isinstance(thing, str) else str(thing["id"])


def _declined(error: stripe.CardError) -> Told:
    told: Any = error.json_body or {}
    details = told.get("error", {})
    intent = details.get("payment_intent") or {}
    return Told("failed", code=details.get("decline_code") or error.code or "card_declined", reference=intent.get("id"))


def _authorised(intent: Any, ask: Ask) -> Told:
    match intent["status"]:
        case "requires_capture":
            amount = min(ask.amount_minor, _minor(intent["amount_capturable"], intent["currency"]))
            return Told("succeeded", amount, intent["id"], None, *_terms(intent["latest_charge"]))
        case "requires_action" | "processing" | "requires_confirmation":
            return Told("waiting", reference=intent["id"], code=intent["status"])
        case "requires_payment_method":
            return Told("failed", reference=intent["id"], code=_why(intent))
        case "succeeded":
            return Told("failed", reference=intent["id"], code="captured_elsewhere")
        case _:
            return Told("failed", reference=intent["id"], code=intent["status"])


def _why(intent: Any) -> str:
    error = intent["last_payment_error"] or {}
    return str(error.get("decline_code") or error.get("code") or "declined")


def _terms(charge: Any) -> tuple[datetime | None, bool, bool]:
    """When it lapses, whether it can be captured only once, and whether more can be promised on it."""
    if not isinstance(charge, dict):
        return None, True, False
    card = (charge["payment_method_details"] or {}).get("card") or {}
    before = card.get("capture_before")
    several, more = (
        (card.get(name) or {}).get("status") == "available" for name in ("multicapture", "incremental_authorization")
    )
    return datetime.fromtimestamp(before, UTC) if before else None, not several, more


def _refunded(refund: Any) -> Told:
    match refund["status"]:
        case "succeeded":
            return Told("succeeded", reference=refund["id"])
        case "failed" | "canceled":
            return Told("failed", reference=refund["id"], code=refund.get("failure_reason") or refund["status"])
        case _:
            return Told("waiting", reference=refund["id"], code=refund["status"])


_SHOWS: Mapping[str, str] = {
    "invoice": "receipt",
    "customer_communication": "customer_communication",
    "shipping_documentation": "shipping_documentation",
    "refund_policy": "refund_policy",
    "other": "uncategorized_file",
}
"""What Stripe calls a file of evidence."""


def _evidence(reply: DisputeReply) -> dict[str, str]:
    """What is known of the order, under Stripe's names; what is not known is left out."""
    shipped = [each.shipped_at for each in reply.parcels if each.shipped_at]
    told = {
        "customer_name": reply.customer,
        "customer_email_address": reply.email,
        "shipping_address": reply.address,
        "product_description": reply.bought[:EVIDENCE_MAX],
        "shipping_carrier": ", ".join(dict.fromkeys(each.carrier for each in reply.parcels if each.carrier)),
        "shipping_tracking_number": ", ".join(each.tracking_number for each in reply.parcels if each.tracking_number),
        "shipping_date": f"{min(shipped):%Y-%m-%d}" if shipped else None,
        "uncategorized_text": "\n".join(filter(None, (reply.words, *map(_delivered, reply.parcels))))[:EVIDENCE_MAX],
    }
    return {name: value for name, value in told.items() if value}


def _delivered(parcel: Sent) -> str | None:
    """The proof of delivery, as the carrier told it."""
    if parcel.delivered_at is None:
        return None
    name = " ".join(filter(None, (parcel.carrier, parcel.tracking_number))) or "The parcel"
    return f"{name} was delivered on {parcel.delivered_at:%Y-%m-%d at %H:%M} UTC."


_DISPUTES: Mapping[str, DisputeStatus] = {
    "needs_response": "open",
    "under_review": "open",
    "won": "won",
    "lost": "lost",
}
"""Whoever only warns has taken no money back."""


def _disputed(thing: dict[str, Any]) -> list[Disputed]:
    status, payment = _DISPUTES.get(thing["status"]), _id(thing.get("payment_intent"))
    if status is None or payment is None:
        return []
    by = (thing.get("evidence_details") or {}).get("due_by")
    return [
        Disputed(
            payment, thing["id"], _minor(thing["amount"], thing["currency"]), thing["currency"].upper(), thing["reason"], status,
            datetime.fromtimestamp(by, UTC) if by else None,
        )
    ]  # fmt: skip


def _heard(kind: str, thing: dict[str, Any]) -> Sequence[Heard | Disputed]:
    if thing.get("object") == "dispute":
        return _disputed(thing)
    metadata: dict[str, str] = thing.get("metadata") or {}
    if not {ORDER, TENDER, REQUEST} <= metadata.keys():
        return []
    order_id, tender, request = UUID(metadata[ORDER]), int(metadata[TENDER]), int(metadata[REQUEST])
    if thing.get("object") == "refund":
        return [Heard(order_id, tender, request, "told", _refunded(thing))]
    if thing.get("object") != "payment_intent":
        return []
    captures = [
        Heard(order_id, tender, int(name.removeprefix(CAPTURE)), "told",
              Told("succeeded", _minor(int(amount), thing["currency"]), _id(thing.get("latest_charge"))))
        for name, amount in metadata.items() if name.startswith(CAPTURE)
    ]  # fmt: skip
    if kind == "payment_intent.canceled":
        return [*captures, Heard(order_id, tender, None, "lapsed")]
    if kind == "payment_intent.amount_capturable_updated":
        return [
            *captures,
            *(
                Heard(order_id, tender, int(name.removeprefix(MORE)), "look")
                for name in metadata
                if name.startswith(MORE)
            ),
            Heard(order_id, tender, request, "look"),
        ]  # Its terms stand in the charge, which is not in here.
    if kind == "payment_intent.payment_failed":
        return [Heard(order_id, tender, request, "told", Told("failed", reference=thing["id"], code=_why(thing)))]
    return captures
