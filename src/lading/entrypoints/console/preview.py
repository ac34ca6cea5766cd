"""A dry run in sentences: exactly what would happen."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from lading.entrypoints.console import rendering, words
from lading.entrypoints.console.context import Context
from lading.entrypoints.console.words import N_
from lading.journal.types import Decision
from lading.kernel.outcomes import Refusal
from lading.operations.begin_edits import EditBegun
from lading.operations.edit_orders import OrderEdited
from lading.operations.merge_orders import OrdersMerged
from lading.operations.paying_for_edits import EditPayment
from lading.operations.split_orders import OrderSplit
from lading.terms.ledger import End, Posting
from lading.terms.money import Money
from lading.views.names import Names, read_names
from lading.views.sentences import sentence
from lading.views.timeline import order_names


def digest(payload: object) -> str:
    """Names what a person was shown: only that is done then."""
    return hashlib.sha256(msgspec.json.encode(payload, order="sorted")).hexdigest()


@dataclass(slots=True)
class Told:
    """What a decision comes to."""

    possible: bool
    sentences: list[str] = field(default_factory=list)
    """Or the one reason why not."""


async def tell(context: Context, decision: Decision, lines: Mapping[int, str]) -> Told:
    """The decision in sentences; `lines` are the SKU codes of the order's lines."""
    if isinstance(decision.outcome, Refusal):
        return Told(False, [decision.outcome.message])
    if parted := _parted(context, decision.outcome):
        return Told(True, parted)
    every = [decision, *decision.also]
    async with context.database.read(context.merchant.id) as tx:
        names = await read_names(tx, {posting.sku_id for each in every for posting in each.postings})
    told = [_units(context, posting, names, lines) for each in every for posting in each.postings]
    if edited := _edited_of(decision.outcome):
        async with context.database.read(context.merchant.id) as tx:
            names = await read_names(tx, {each.sku_id for each in edited.lines})
        told = _edited(context, edited, names)
        return Told(True, told + _head(context, decision))
    for money in (money for each in every for money in each.money):
        amount = rendering.write_money(money.amount_minor, money.currency, context.locale)
        told.append(
            context._(
                "%(amount)s from %(credit)s to %(debit)s",
                amount=amount,
                credit=_plain(money.credit),
                debit=_plain(money.debit),
            )
        )
    return Told(True, told or [context._("Nothing would change.")])


async def foretell(context: Context, decision: Decision, order_id: UUID) -> Told:
    """The decision as the order's story will tell it."""
    if isinstance(decision.outcome, Refusal):
        return Told(False, [decision.outcome.message])
    if decision.event is None:
        return Told(True, [context._("Nothing would change.")])
    async with context.database.read(context.merchant.id) as tx:
        names = await order_names(tx, order_id)
    data = msgspec.json.decode(msgspec.json.encode(decision.event.data))
    return Told(True, [sentence(decision.event.kind, data, names)])


def _parted(context: Context, outcome: object) -> list[str]:
    """Units that go from one order to another: how many, and what the orders cost then."""

    def cash(money: Money) -> str:
        return rendering.write_money(money.minor, money.currency, context.locale)

    if isinstance(outcome, OrderSplit):
        return [
            context.ngettext(
                "%(num)s unit becomes an order of its own.", "%(num)s units become an order of their own.", outcome.units
            ),
            context._("This order costs %(left)s then, the new one %(total)s.", left=cash(outcome.left), total=cash(outcome.total)),
            context._("Due then for the new one: %(amount)s", amount=cash(outcome.due)),
        ]  # fmt: skip
    if isinstance(outcome, OrdersMerged):
        others = ", ".join(outcome.merged)
        return [
            context.ngettext(
                "%(num)s unit comes from %(orders)s, of which nothing is left.",
                "%(num)s units come from %(orders)s, of which nothing is left.", outcome.units, orders=others,
            ),
            context._("This order costs %(total)s then.", total=cash(outcome.total)),
            context._("Due then: %(amount)s", amount=cash(outcome.due)),
        ]  # fmt: skip
    return []


def _edited_of(outcome: object) -> OrderEdited | None:
    return outcome.preview if isinstance(outcome, EditBegun) else outcome if isinstance(outcome, OrderEdited) else None


def _edited(context: Context, edited: OrderEdited, names: Names) -> list[str]:
    """The exact difference: units, money, taxes, where it comes from and when."""

    def cash(money: Money, *, signed: bool = False) -> str:
        text = rendering.write_money(money.minor, money.currency, context.locale)
        return f"+{text}" if signed and money.minor > 0 else text

    told = [
        context.ngettext(
            "%(sku)s: %(before)s → %(num)s unit", "%(sku)s: %(before)s → %(num)s units", each.after,
            sku=names.sku(each.sku_id), before=each.before,
        )
        for each in edited.lines
    ]  # fmt: skip
    if edited.difference.minor:
        told.append(
            context._(
                "Total: %(before)s → %(after)s (%(difference)s)",
                before=cash(edited.before),
                after=cash(edited.total),
                difference=cash(edited.difference, signed=True),
            )
        )
    if edited.tax_difference.minor:
        told.append(context._("Taxes in that: %(difference)s", difference=cash(edited.tax_difference, signed=True)))
    owed = Money.of_minor(abs(edited.due.minor), edited.due.currency)
    if edited.due.minor < 0:
        told.append(context._("Owed back then: %(amount)s", amount=cash(owed)))
    else:
        told.append(context._("Due then: %(amount)s", amount=cash(owed)))
    if edited.payment:
        told += _paid(context, edited.payment)
    told += [context._("Waits then for: %(hold)s", hold=kind.replace("_", " ")) for kind in edited.holds]
    if edited.allocated:
        told.append(context.ngettext("Found for it: %(num)s unit", "Found for it: %(num)s units", edited.allocated))
    if edited.ship_on:
        day = rendering.write_day(edited.ship_on, context.merchant.time_zone, context.locale)
        told.append(context._("Leaves on %(day)s", day=day))
    for each in edited.promises:
        when = context._("nobody knows when")
        if each.promised_at:
            when = rendering.write_day(each.promised_at.date(), context.merchant.time_zone, context.locale)
        told.append(
            context.ngettext(
                "%(num)s unit of line %(line)s waits: %(when)s",
                "%(num)s units of line %(line)s wait: %(when)s",
                each.quantity,
                line=each.line,
                when=when,
            )
        )
    return told


def _paid(context: Context, payment: EditPayment) -> list[str]:
    """What becomes of the money that was promised or paid."""

    def cash(money: Money) -> str:
        return rendering.write_money(money.minor, money.currency, context.locale)

    told = [
        context._("The provider is asked to promise %(amount)s more (tender %(tender)s)", amount=cash(each.amount), tender=each.tender)
        for each in payment.asked
    ]  # fmt: skip
    if payment.at_the_door.minor:
        told.append(
            context._("Collected with the parcel, more or less by: %(amount)s", amount=cash(payment.at_the_door))
        )
    if payment.waits:
        told.append(context._("The order waits until it is covered: %(hold)s", hold=payment.waits.replace("_", " ")))
    if payment.goes_on:
        told.append(context._("Goes on, for it is covered then"))
    if payment.not_needed.minor:
        told.append(context._("Promised and not needed any more: %(amount)s", amount=cash(payment.not_needed)))
    if payment.owed_back.minor:
        told.append(
            context._("Goes back to the customer by itself")
            if payment.goes_back == "at_once"
            else context._("Goes back to the customer when somebody asks for it")
        )
    return told


_HEADS = {
    "ship_to_id": N_("Address"),
    "ship_by": N_("Ship by"),
    "method": N_("How it shall be sent"),
    "priority": N_("Priority"),
    "ship_complete": N_("All of it goes out together"),
    "attributes": N_("Attributes"),
}


def _head(context: Context, decision: Decision) -> list[str]:
    """What else changes, without what it says."""
    data = decision.event.data if decision.event else {}
    said = data.get("fields", data)
    heads: dict[str, str] = _HEADS
    words = [context._(word) for name, word in heads.items() if name in said or data.get(name)]
    return [context._("Changes as well: %(what)s", what=", ".join(words))] if words else []


def _units(context: Context, posting: Posting, names: Names, lines: Mapping[int, str]) -> str:
    sku = names.sku(posting.sku_id)
    parts = []
    if posting.line_number is not None and posting.line_from != posting.line_to:
        before = context._(words.look("units", posting.line_from).word) if posting.line_from else context._("nothing")
        after = context._(words.look("units", posting.line_to).word) if posting.line_to else context._("nothing")
        parts.append(f"{before} → {after}")
    if posting.source or posting.target:
        parts.append(
            f"{context._('stock')}: {_end(context, posting.source, names)} → {_end(context, posting.target, names)}"
        )
    return f"{posting.quantity} × {sku}: " + "; ".join(parts)


def _end(context: Context, end: End | None, names: Names) -> str:
    if end is None:
        return context._("away")
    word = context._(words.BUCKETS.get(end.bucket, end.bucket))
    return f"{word} ({names.location(end.location_id)})" if end.location_id else word


def _plain(account: str) -> str:
    return account.replace("_", " ").replace(":", " ")


def plain(error: str) -> str:
    """A decoder's message for people: 'Expected `int`, got `str` - at `$.x`' -> 'x: a whole number is expected'."""
    text, _, where = error.partition(" - at `$")
    name = re.sub(r"[.\[\]`]+", " ", where).strip().replace("_", " ")
    text = text.replace("`", "").replace("Object missing required field", "Missing:")
    text = re.sub(r"Expected int, got \w+", "a whole number is expected", text)
    text = re.sub(
        r"Expected (int|str|array) ", lambda found: {"int": "a number ", "str": "text ", "array": ""}[found[1]], text
    )
    text = text.replace("of length >= 1", "is required")
    return f"{name}: {text}" if name else text
