"""A quote as a paper: what a draft says, and until when its prices hold."""

from zoneinfo import ZoneInfo

from msgspec import structs

from lading.adapters.documents.sheet import Column, Sheet
from lading.entrypoints.printing.sheets import sender_lines
from lading.entrypoints.printing.texts import Words, address_lines
from lading.invoices.types import LegalEntity
from lading.orders.commands import ChargeInput
from lading.terms.money import Money
from lading.views.drafts import DraftView
from lading.views.order import Address


def quote(draft: DraftView, seller: LegalEntity | None, zone: ZoneInfo, words: Words) -> Sheet:
    """What it would be, line by line, with all that is charged beside it."""
    _ = words._
    to = draft.bill_to or draft.ship_to
    name = draft.customer or draft.company or ""
    rows = [
        [
            line.sku, line.name, words.number(line.quantity), words.price(line.unit_price.amount, line.total.currency),
            words.money(line.total),
        ]
        for line in draft.lines
    ]  # fmt: skip
    facts = [(_("Date"), words.day(draft.sent_at or draft.created_at, zone))]
    if draft.expires_at:
        facts.append((_("Prices hold until"), words.day(draft.expires_at, zone)))
    if draft.purchase_order:
        facts.append((_("Your order number"), draft.purchase_order))
    return Sheet(
        _("Quote"), draft.draft, sender_lines(seller, None, words), _("For"),
        address_lines(Address(**structs.asdict(to)), name, words) if to else [name], facts,
        [
            Column("SKU", 2, bold=True), Column(_("Product"), 4), Column(_("Units"), 1, True), Column(_("Price"), 1.5, True),
            Column(_("Amount"), 1.6, True),
        ],
        rows, _totals(draft, words), footer=seller.footer if seller else "", page_word=_("Page %(page)s of %(pages)s"),
        language=words.language,
    )  # fmt: skip


def _totals(draft: DraftView, words: Words) -> list[tuple[str, str]]:
    """Goods, each charge, taxes that are calculated, and the sum."""
    _ = words._
    currency = draft.total.currency
    goods = sum(line.total.minor for line in draft.lines)
    told, sum_minor = [(_("Goods"), words.money(Money.of_minor(goods, currency)))], goods
    for charge in draft.charges:
        if charge.amount is None:
            told.append((f"{_kind(charge, words)} {charge.percent} %", ""))
            continue
        included = f" ({_('contained in prices')})" if charge.included else ""
        told.append((f"{_kind(charge, words)}{included}", words.money(charge.amount)))
        sum_minor += 0 if charge.included else charge.amount.minor
    rest = draft.total.minor - sum_minor
    if rest and all(charge.amount for charge in draft.charges):
        told.append((_("Taxes"), words.money(Money.of_minor(rest, currency))))
    return [*told, (_("Total"), words.money(draft.total))]


def _kind(charge: ChargeInput, words: Words) -> str:
    _ = words._
    known = {
        "discount": _("Discount"), "tax": _("Tax"), "shipping": _("Shipping"), "fee": _("Fee"), "gift_wrap": _("Gift wrap"),
        "duty": _("Duty"), "tip": _("Tip"), "surcharge": _("Surcharge"), "adjustment": _("Adjustment"),
    }  # fmt: skip
    return known[charge.kind]
