"""The sentences of drafts and quotes."""

from collections.abc import Callable, Mapping

from lading.kernel import money
from lading.terms.money import Money
from lading.views.names import Names
from lading.views.phrases import Data
from lading.views.phrases import day as _day
from lading.views.phrases import listed as _listed
from lading.views.phrases import reason as _reason


def _total(draft: Data) -> str:
    minor, currency = draft["total_minor"], draft["currency"]
    if money.exponent(currency) is None:
        return f"{minor} minor units"
    return f"{Money.of_minor(minor, currency).amount} {currency}"


def _written(word: str) -> Callable[[Data, Names], str]:
    def said(data: Data, names: Names) -> str:
        draft = data["draft"]
        lines = _listed([f"{line['quantity']} × {names.sku(line['sku_id'])}" for line in draft["lines"]])
        return f"Draft D{draft['number']} {word}: {lines} for {_total(draft)}."

    return said


def _sent(data: Data, names: Names) -> str:
    draft = data["draft"]
    until = f" It holds until {_day(draft['expires_at'])}." if draft["expires_at"] else ""
    return f"Sent as quote D{draft['number']} over {_total(draft)}.{until}"


def _answered(word: str) -> Callable[[Data, Names], str]:
    def said(data: Data, names: Names) -> str:
        over = " What was kept for it is kept no longer." if data.get("reservations_ended") else ""
        return f"Draft D{data['draft']['number']} {word}.{over}{_reason(data['draft'])}"

    return said


DRAFTED: Mapping[str, Callable[[Data, Names], str]] = {
    "draft_created": _written("written"),
    "draft_revised": _written("revised"),
    "draft_sent": _sent,
    "draft_accepted": _answered("accepted by the customer"),
    "draft_declined": _answered("declined by the customer"),
    "draft_dropped": _answered("dropped"),
}
