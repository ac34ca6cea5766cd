"""The sentences of events about payments through a provider."""

from collections.abc import Callable, Iterable, Mapping

from lading.kernel import money
from lading.terms.money import Money
from lading.views.names import Names
from lading.views.phrases import Data, day, listed, noted, said, say, word


def cash(minor: int, data: Data, names: Names) -> str:
    """12.50 EUR"""
    currency = data.get("currency") or names.currency
    if currency is None or money.exponent(currency) is None:
        return say("%(minor)s minor units", minor=minor)
    told = Money.of_minor(minor, currency)
    return f"{told.amount} {told.currency}"


def _asked(data: Data, names: Names, kind: str | None = None) -> str:
    rows: Iterable[Data] = (each for each in data.get("asked") or () if kind in (None, each["kind"]))
    return listed(
        [
            say("%(cash)s (tender %(tender)s)", cash=cash(each["amount_minor"], data, names), tender=each["tender"])
            for each in rows
        ]
    )


def _authorisation_requested(data: Data, names: Names) -> str:
    return say(
        "Asked %(provider)s to authorise %(asked)s by %(word)s.",
        provider=data["provider"],
        asked=_asked(data, names),
        word=word(data["kind"]),
    )


def _capture_requested(data: Data, names: Names) -> str:
    return say("Asked to capture %(asked)s.", asked=_asked(data, names))


def _void_requested(data: Data, names: Names) -> str:
    told = [say("Asked to give up the authorisation of %(asked)s.", asked=_asked(data, names))] if data["asked"] else []
    for each in data.get("not_awaited") or ():
        told.append(
            say(
                "%(cash)s are not awaited any more (tender %(tender)s).",
                cash=cash(each["amount_minor"], data, names),
                tender=each["tender"],
            )
        )
    return " ".join(told)


_ASKED = {
    "capture": noted("asked to capture %(asked)s"),
    "void": noted("asked to give up %(asked)s"),
    "refund": noted("asked to give back %(asked)s"),
}


def _payments_followed(data: Data, names: Names) -> str:
    told = []
    kinds = {each["kind"] for each in data.get("asked") or ()}
    for kind, sentence in _ASKED.items():
        if kind in kinds:
            told.append(say(sentence, asked=_asked(data, names, kind)))
    if given := sum(each["amount_minor"] for each in data.get("refunds") or () if not each.get("request")):
        told.append(
            say("gave back %(cash)s%(as_credit)s", cash=cash(given, data, names), as_credit=as_credit(data, names))
        )
    return (
        say("By policy: %(list)s.%(holds_told)s", list=listed(told), holds_told=holds_told(data))
        if told
        else holds_told(data).strip()
    )


def holds_told(data: Data) -> str:
    """What waits by it, and what goes on."""
    told = ""
    if lifted := data.get("holds_lifted"):
        told += say(" Hold lifted: %(list)s.", list=listed([word(kind) for kind in lifted["kinds"]]))
    if placed := data.get("hold_terms"):
        told += say(" On hold: %(list)s.", list=listed([word(each["kind"]) for each in placed]))
    return told


_DONE = {
    "authorise": noted("authorised"),
    "capture": noted("captured"),
    "void": noted("given up"),
    "refund": noted("given back"),
}
_NOT_DONE = {
    "authorise": noted("not authorised"),
    "capture": noted("not captured"),
    "void": noted("not given up"),
    "refund": noted("not given back"),
}


def _payment_answered(data: Data, names: Names) -> str:
    amount, kind, tender = (
        cash(data["amount_minor"], data, names),
        data["kind"],
        say(" (tender %(tender)s)", tender=data["tender"]),
    )
    why = f": {word(data['code'])}" if data.get("code") else ""
    match data["outcome"]:
        case "succeeded":
            return f"{amount} {said(_DONE, kind)}{tender}.{holds_told(data)}"
        case "failed" if data.get("before") == "succeeded":
            return say(
                "%(amount)s came back%(tender)s: the refund did not reach the customer%(why)s.",
                amount=amount,
                tender=tender,
                why=why,
            )
        case "failed":
            return f"{amount} {said(_NOT_DONE, kind)}{tender}{why}.{holds_told(data)}"
        case _:
            return say(
                "%(amount)s%(tender)s: the provider has it, and will say later what became of it%(why)s.",
                amount=amount,
                tender=tender,
                why=why,
            )


def _payment_lapsed(data: Data, names: Names) -> str:
    return say(
        "The authorisation of %(cash)s is over (tender %(tender)s).%(holds_told)s",
        cash=cash(data["amount_minor"], data, names),
        tender=data["tender"],
        holds_told=holds_told(data),
    )


def _payment_disputed(data: Data, names: Names) -> str:
    amount, tender = cash(data["amount_minor"], data, names), say(" (tender %(tender)s)", tender=data["tender"])
    match data["status"]:
        case "won":
            told = say("The dispute over %(amount)s was won%(tender)s.", amount=amount, tender=tender)
        case "lost":
            told = say(
                "The dispute over %(amount)s was lost%(tender)s: %(word)s.",
                amount=amount,
                tender=tender,
                word=word(data["reason"]),
            )
        case _ if data.get("before"):
            told = say("There is more time for the dispute over %(amount)s%(tender)s.", amount=amount, tender=tender)
        case _:
            told = say(
                "The customer's bank took %(amount)s back%(tender)s: %(word)s.",
                amount=amount,
                tender=tender,
                word=word(data["reason"]),
            )
    if data["status"] == "open" and data.get("answer_by"):
        told += say(" Evidence is taken until %(day)s.", day=day(data["answer_by"]))
    return told + holds_told(data)


def _dispute_answered(data: Data, names: Names) -> str:
    amount, tender = cash(data["amount_minor"], data, names), say(" (tender %(tender)s)", tender=data["tender"])
    if data["task"] == "accept":
        return say(
            "The dispute over %(amount)s is accepted%(tender)s: the provider is told so.", amount=amount, tender=tender
        )
    counts = (
        (len(data["parcels"]), noted("parcel"), noted("parcels")),
        (len(data["invoices"]), noted("invoice"), noted("invoices")),
        (len(data["files"]), noted("file"), noted("files")),
    )
    shown = [f"{count} {say(one if count == 1 else many)}" for count, one, many in counts if count]
    shown += [say("words")] if data["words"] else []
    return say(
        "Evidence in the dispute over %(amount)s%(tender)s: %(list)s. The provider is asked to pass it on.",
        amount=amount,
        tender=tender,
        list=listed(shown),
    )


def _dispute_answer_settled(data: Data, names: Names) -> str:
    what = say("That the dispute is accepted") if data["task"] == "accept" else say("The evidence")
    if data["code"]:
        return say(
            "%(what)s was not taken by the provider: %(word)s (tender %(tender)s).",
            what=what,
            word=word(data["code"]),
            tender=data["tender"],
        )
    return say("%(what)s was passed on to the bank (tender %(tender)s).", what=what, tender=data["tender"])


def _provider_fee_posted(data: Data, names: Names) -> str:
    amount, tender = cash(abs(data["amount_minor"]), data, names), say(" (tender %(tender)s)", tender=data["tender"])
    if data["amount_minor"] < 0:
        return say(
            "A fee of %(amount)s came back from %(provider)s%(tender)s.",
            amount=amount,
            provider=data["provider"],
            tender=tender,
        )
    return say(
        "%(provider)s kept %(amount)s of the payment%(tender)s.",
        provider=data["provider"],
        amount=amount,
        tender=tender,
    )


def as_credit(data: Data, names: Names) -> str:
    """(30.00 EUR of it as store credit), where a refund became some."""
    if not data.get("credit"):
        return ""
    return say(" (%(cash)s of it as store credit)", cash=cash(data["credit"]["amount_minor"], data["credit"], names))


def payment_refunded(data: Data, names: Names) -> str:
    """What went back at once, and what providers were asked to give back."""
    rows = data.get("refunds") or ()
    given = sum(each["amount_minor"] for each in rows if not each.get("request"))
    asked = sum(each["amount_minor"] for each in rows if each.get("request"))
    told = (
        [
            say(
                "%(cash)s given back to the customer%(as_credit)s",
                cash=cash(given, data, names),
                as_credit=as_credit(data, names),
            )
        ]
        if given or not asked
        else []
    )
    if asked:
        told.append(say("the provider was asked to give back %(cash)s", cash=cash(asked, data, names)))
    text = listed(told)
    return f"{text[0].upper()}{text[1:]}."


_CREDITS = {"gift_card": noted("Gift card"), "store_credit": noted("Store credit")}


def _credit_issued(data: Data, names: Names) -> str:
    what = said(_CREDITS, data["kind"])
    return say(
        "%(what)s of %(cash)s issued (%(word)s).",
        what=what,
        cash=cash(data["amount_minor"], data, names),
        word=word(data["reason"]),
    )


def _credit_spent(data: Data, names: Names) -> str:
    ends = f" …{data['reference']}" if data.get("reference") else ""
    paid = say(
        "%(cash)s paid with %(word)s%(ends)s (tender %(tender)s).",
        cash=cash(data["amount_minor"], data, names),
        word=word(data["kind"]),
        ends=ends,
        tender=data["tender"],
    )
    return paid + holds_told(data)


def _credit_expired(data: Data, names: Names) -> str:
    why = say("ended (%(word)s)", word=word(data["reason"])) if data.get("reason") else say("its time is over")
    return say(
        "%(part)s: %(why)s, %(cash)s are not owed any more.",
        part=said(_CREDITS, data["kind"]),
        why=why,
        cash=cash(data["amount_minor"], data, names),
    )


def _payment_recorded(data: Data, names: Names) -> str:
    kind = word(data.get("kind") or say("paid elsewhere"))
    return say(
        "Payment of %(cash)s recorded (%(kind)s).%(holds_told)s",
        cash=cash(data.get("amount_minor", 0), data, names),
        kind=kind,
        holds_told=holds_told(data),
    )


PAID: Mapping[str, Callable[[Data, Names], str]] = {
    "payment_authorisation_requested": _authorisation_requested,
    "payment_capture_requested": _capture_requested,
    "payment_void_requested": _void_requested,
    "payments_followed": _payments_followed,
    "payment_answered": _payment_answered,
    "payment_lapsed": _payment_lapsed,
    "payment_disputed": _payment_disputed,
    "dispute_answered": _dispute_answered,
    "dispute_answer_settled": _dispute_answer_settled,
    "provider_fee_posted": _provider_fee_posted,
    "credit_issued": _credit_issued,
    "credit_spent": _credit_spent,
    "credit_expired": _credit_expired,
    "payment_refunded": payment_refunded,
    "payment_recorded": _payment_recorded,
}
