"""The sentences of drafts and quotes, of subscriptions, and of prices."""

from collections.abc import Callable, Mapping

from lading.kernel import money
from lading.terms.money import Money
from lading.views.names import Names
from lading.views.phrases import Data, noted, say
from lading.views.phrases import day as _day
from lading.views.phrases import listed as _listed
from lading.views.phrases import reason as _reason
from lading.views.phrases import word as _word


def _total(draft: Data) -> str:
    minor, currency = draft["total_minor"], draft["currency"]
    if money.exponent(currency) is None:
        return say("%(minor)s minor units", minor=minor)
    return f"{Money.of_minor(minor, currency).amount} {currency}"


def _written(word: str) -> Callable[[Data, Names], str]:
    def said(data: Data, names: Names) -> str:
        draft = data["draft"]
        lines = _listed([f"{line['quantity']} × {names.sku(line['sku_id'])}" for line in draft["lines"]])
        return say(
            "Draft D%(number)s %(word)s: %(lines)s for %(total)s.",
            number=draft["number"],
            word=say(word),
            lines=lines,
            total=_total(draft),
        )

    return said


def _sent(data: Data, names: Names) -> str:
    draft = data["draft"]
    until = say(" It holds until %(day)s.", day=_day(draft["expires_at"])) if draft["expires_at"] else ""
    return say(
        "Sent as quote D%(number)s over %(total)s.%(until)s", number=draft["number"], total=_total(draft), until=until
    )


def _answered(word: str) -> Callable[[Data, Names], str]:
    def said(data: Data, names: Names) -> str:
        over = say(" What was kept for it is kept no longer.") if data.get("reservations_ended") else ""
        return say(
            "Draft D%(number)s %(word)s.%(over)s%(reason)s",
            number=data["draft"]["number"],
            word=say(word),
            over=over,
            reason=_reason(data["draft"]),
        )

    return said


def _approval_given(data: Data, names: Names) -> str:
    return (
        say("Draft D%(number)s approved.", number=data["draft"]["number"])
        if "draft" in data
        else say("Approved: it goes on.")
    )


def _approval_refused(data: Data, names: Names) -> str:
    return say("Draft D%(number)s not approved.%(reason)s", number=data["draft"]["number"], reason=_reason(data))


def _prices_set(data: Data, names: Names) -> str:
    items = [names.sku(item["sku_id"]) for item in data["items"]]
    return say("Prices of list %(code)s set: %(list)s.", code=data["code"], list=_listed(items))


def _subscribed(word: str) -> Callable[[Data, Names], str]:
    def said(data: Data, names: Names) -> str:
        told = data["subscription"]
        following = (
            say(" The next order is due on %(day)s.", day=_day(told["next_at"])) if told["status"] == "active" else ""
        )
        why = say(" It was refused as %(word)s.", word=_word(told["failed_as"])) if told["failed_as"] else ""
        return say(
            "Subscription S%(number)s %(word)s.%(why)s%(following)s%(reason)s",
            number=told["number"],
            word=say(word),
            why=why,
            following=following,
            reason=_reason(told),
        )

    return said


DRAFTED: Mapping[str, Callable[[Data, Names], str]] = {
    "draft_created": _written(noted("written")),
    "draft_revised": _written(noted("revised")),
    "prices_set": _prices_set,
    "draft_sent": _sent,
    "subscription_created": _subscribed(noted("made")),
    "subscription_paused": _subscribed(noted("paused")),
    "subscription_resumed": _subscribed(noted("resumed")),
    "subscription_skipped": _subscribed(noted("skips an order")),
    "subscription_cancelled": _subscribed(noted("cancelled")),
    "subscription_failed": _subscribed(noted("could not place its order")),
    "approval_given": _approval_given,
    "approval_refused": _approval_refused,
    "draft_accepted": _answered(noted("accepted by the customer")),
    "draft_declined": _answered(noted("declined by the customer")),
    "draft_dropped": _answered(noted("dropped")),
}
