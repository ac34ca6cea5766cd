"""The sentences of events about payments through a provider."""

from collections.abc import Callable, Iterable, Mapping

from lading.kernel import money
from lading.terms.money import Money
from lading.views.names import Names
from lading.views.phrases import Data, day, listed, word


def cash(minor: int, data: Data, names: Names) -> str:
    """12.50 EUR"""
    currency = data.get("currency") or names.currency
    if currency is None or money.exponent(currency) is None:
        return f"{minor} minor units"
    told = Money.of_minor(minor, currency)
    return f"{told.amount} {told.currency}"


def _asked(data: Data, names: Names, kind: str | None = None) -> str:
    rows: Iterable[Data] = (each for each in data.get("asked") or () if kind in (None, each["kind"]))
    return listed([f"{cash(each['amount_minor'], data, names)} (tender {each['tender']})" for each in rows])


def _authorisation_requested(data: Data, names: Names) -> str:
    return f"Asked {data['provider']} to authorise {_asked(data, names)} by {word(data['kind'])}."


def _capture_requested(data: Data, names: Names) -> str:
    return f"Asked to capture {_asked(data, names)}."


def _void_requested(data: Data, names: Names) -> str:
    told = [f"Asked to give up the authorisation of {_asked(data, names)}."] if data["asked"] else []
    for each in data.get("not_awaited") or ():
        told.append(f"{cash(each['amount_minor'], data, names)} are not awaited any more (tender {each['tender']}).")
    return " ".join(told)


def _payments_followed(data: Data, names: Names) -> str:
    told = []
    kinds = {each["kind"] for each in data.get("asked") or ()}
    for kind, what in (("capture", "to capture"), ("void", "to give up"), ("refund", "to give back")):
        if kind in kinds:
            told.append(f"asked {what} {_asked(data, names, kind)}")
    if given := sum(each["amount_minor"] for each in data.get("refunds") or () if not each.get("request")):
        told.append(f"gave back {cash(given, data, names)}{as_credit(data, names)}")
    return f"By policy: {listed(told)}.{holds_told(data)}" if told else holds_told(data).strip()


def holds_told(data: Data) -> str:
    """What waits by it, and what goes on."""
    told = ""
    if lifted := data.get("holds_lifted"):
        told += f" Hold lifted: {listed([word(kind) for kind in lifted['kinds']])}."
    if placed := data.get("hold_terms"):
        told += f" On hold: {listed([word(each['kind']) for each in placed])}."
    return told


_DONE = {"authorise": "authorised", "capture": "captured", "void": "given up", "refund": "given back"}
_NOT_DONE = {
    "authorise": "not authorised",
    "capture": "not captured",
    "void": "not given up",
    "refund": "not given back",
}


def _payment_answered(data: Data, names: Names) -> str:
    amount, kind, tender = cash(data["amount_minor"], data, names), data["kind"], f" (tender {data['tender']})"
    why = f": {word(data['code'])}" if data.get("code") else ""
    match data["outcome"]:
        case "succeeded":
            return f"{amount} {_DONE[kind]}{tender}.{holds_told(data)}"
        case "failed" if data.get("before") == "succeeded":
            return f"{amount} came back{tender}: the refund did not reach the customer{why}."
        case "failed":
            return f"{amount} {_NOT_DONE[kind]}{tender}{why}.{holds_told(data)}"
        case _:
            return f"{amount}{tender}: the provider has it, and will say later what became of it{why}."


def _payment_lapsed(data: Data, names: Names) -> str:
    return f"The authorisation of {cash(data['amount_minor'], data, names)} is over (tender {data['tender']}).{holds_told(data)}"


def _payment_disputed(data: Data, names: Names) -> str:
    amount, tender = cash(data["amount_minor"], data, names), f" (tender {data['tender']})"
    match data["status"]:
        case "won":
            told = f"The dispute over {amount} was won{tender}."
        case "lost":
            told = f"The dispute over {amount} was lost{tender}: {word(data['reason'])}."
        case _ if data.get("before"):
            told = f"There is more time for the dispute over {amount}{tender}."
        case _:
            told = f"The customer's bank took {amount} back{tender}: {word(data['reason'])}."
    if data["status"] == "open" and data.get("answer_by"):
        told += f" Evidence is taken until {day(data['answer_by'])}."
    return told + holds_told(data)


def _dispute_answered(data: Data, names: Names) -> str:
    amount, tender = cash(data["amount_minor"], data, names), f" (tender {data['tender']})"
    if data["task"] == "accept":
        return f"The dispute over {amount} is accepted{tender}: the provider is told so."
    counts = (
        (len(data["parcels"]), "parcel", "parcels"), (len(data["invoices"]), "invoice", "invoices"), (len(data["files"]), "file", "files"),
    )  # fmt: skip
    shown = [f"{count} {one if count == 1 else many}" for count, one, many in counts if count]
    shown += ["words"] if data["words"] else []
    return f"Evidence in the dispute over {amount}{tender}: {listed(shown)}. The provider is asked to pass it on."


def _dispute_answer_settled(data: Data, names: Names) -> str:
    what = "That the dispute is accepted" if data["task"] == "accept" else "The evidence"
    if data["code"]:
        return f"{what} was not taken by the provider: {word(data['code'])} (tender {data['tender']})."
    return f"{what} was passed on to the bank (tender {data['tender']})."


def _provider_fee_posted(data: Data, names: Names) -> str:
    amount, tender = cash(abs(data["amount_minor"]), data, names), f" (tender {data['tender']})"
    if data["amount_minor"] < 0:
        return f"A fee of {amount} came back from {data['provider']}{tender}."
    return f"{data['provider']} kept {amount} of the payment{tender}."


def as_credit(data: Data, names: Names) -> str:
    """(30.00 EUR of it as store credit), where a refund became some."""
    if not data.get("credit"):
        return ""
    return f" ({cash(data['credit']['amount_minor'], data['credit'], names)} of it as store credit)"


def payment_refunded(data: Data, names: Names) -> str:
    """What went back at once, and what providers were asked to give back."""
    rows = data.get("refunds") or ()
    given = sum(each["amount_minor"] for each in rows if not each.get("request"))
    asked = sum(each["amount_minor"] for each in rows if each.get("request"))
    told = (
        [f"{cash(given, data, names)} given back to the customer{as_credit(data, names)}"] if given or not asked else []
    )
    if asked:
        told.append(f"the provider was asked to give back {cash(asked, data, names)}")
    text = listed(told)
    return f"{text[0].upper()}{text[1:]}."


_CREDITS = {"gift_card": "Gift card", "store_credit": "Store credit"}


def _credit_issued(data: Data, names: Names) -> str:
    what = _CREDITS[data["kind"]]
    return f"{what} of {cash(data['amount_minor'], data, names)} issued ({word(data['reason'])})."


def _credit_spent(data: Data, names: Names) -> str:
    ends = f" …{data['reference']}" if data.get("reference") else ""
    paid = f"{cash(data['amount_minor'], data, names)} paid with {word(data['kind'])}{ends} (tender {data['tender']})."
    return paid + holds_told(data)


def _credit_expired(data: Data, names: Names) -> str:
    why = f"ended ({word(data['reason'])})" if data.get("reason") else "its time is over"
    return f"{_CREDITS[data['kind']]}: {why}, {cash(data['amount_minor'], data, names)} are not owed any more."


def _payment_recorded(data: Data, names: Names) -> str:
    kind = word(data.get("kind") or "paid elsewhere")
    return f"Payment of {cash(data.get('amount_minor', 0), data, names)} recorded ({kind}).{holds_told(data)}"


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
