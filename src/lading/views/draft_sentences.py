"""The sentences of drafts and quotes, of subscriptions, and of prices."""

from collections.abc import Callable, Mapping

from lading.kernel import money
from lading.terms.money import Money
from lading.views.names import Names
from lading.views.phrases import Data
from lading.views.phrases import day as _day
from lading.views.phrases import listed as _listed
from lading.views.phrases import reason as _reason
from lading.views.phrases import word as _word


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


def _approval_given(data: Data, names: Names) -> str:
    return f"Draft D{data['draft']['number']} approved." if "draft" in data else "Approved: it goes on."


def _approval_refused(data: Data, names: Names) -> str:
    return f"Draft D{data['draft']['number']} not approved.{_reason(data)}"


def _prices_set(data: Data, names: Names) -> str:
    items = [names.sku(item["sku_id"]) for item in data["items"]]
    return f"Prices of list {data['code']} set: {_listed(items)}."


def _subscribed(word: str) -> Callable[[Data, Names], str]:
    def said(data: Data, names: Names) -> str:
        told = data["subscription"]
        following = f" The next order is due on {_day(told['next_at'])}." if told["status"] == "active" else ""
        why = f" It was refused as {_word(told['failed_as'])}." if told["failed_as"] else ""
        return f"Subscription S{told['number']} {word}.{why}{following}{_reason(told)}"

    return said


DRAFTED: Mapping[str, Callable[[Data, Names], str]] = {
    "draft_created": _written("written"),
    "draft_revised": _written("revised"),
    "prices_set": _prices_set,
    "draft_sent": _sent,
    "subscription_created": _subscribed("made"),
    "subscription_paused": _subscribed("paused"),
    "subscription_resumed": _subscribed("resumed"),
    "subscription_skipped": _subscribed("skips an order"),
    "subscription_cancelled": _subscribed("cancelled"),
    "subscription_failed": _subscribed("could not place its order"),
    "approval_given": _approval_given,
    "approval_refused": _approval_refused,
    "draft_accepted": _answered("accepted by the customer"),
    "draft_declined": _answered("declined by the customer"),
    "draft_dropped": _answered("dropped"),
}
