"""Any paper, by its kind and what it is about."""

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct

from lading.adapters.documents import customs, labels, sheet
from lading.adapters.documents.customs import Declaration, Item
from lading.adapters.documents.labels import Label
from lading.catalog import store as catalog
from lading.database.pool import Transaction
from lading.entrypoints.printing import quotes, sheets
from lading.entrypoints.printing.texts import LANGUAGES, Words, language_of, paper_of
from lading.terms.fields import Code
from lading.terms.money import Money
from lading.views import NotFound
from lading.views.drafts import DraftQuery
from lading.views.drafts import draft as read_draft
from lading.views.invoices import InvoiceQuery
from lading.views.invoices import invoice as read_invoice
from lading.views.papers import Papers, location_of, papers, seller
from lading.views.papers import manifest as read_manifest
from lading.views.waves import ListQuery
from lading.views.waves import pick_list as read_walk

Kind = Literal[
    "pick-list", "packing-slip", "label", "return-slip", "invoice", "quote", "manifest", "commercial-invoice", "cn22",
    "cn23",
]  # fmt: skip
KINDS: dict[str, str] = {
    "pick-list": "What to take for a fulfillment order (1042-F1), by its bins; or for a walk of a wave (WV1044-L1), as it goes.",
    "packing-slip": "What lies in a parcel (1042-P1); without prices where the order is a gift.",
    "label": "The label of a parcel (1042-P1), four by six inches.",
    "return-slip": "What comes back (1042-R1), and where to.",
    "invoice": "An invoice or credit note (INV-000017).",
    "quote": "What a draft (D1042) would be as an order, and until when its prices hold.",
    "manifest": "What left a location (HAM) on a day, with one carrier or all.",
    "commercial-invoice": "For customs: what is in a parcel (1042-P1), what it is worth and where it was made.",
    "cn22": "The small customs declaration of the post for a parcel (1042-P1).",
    "cn23": "The large one.",
}
"""Every kind of paper with its meaning."""

TYPES = {"pdf": "application/pdf", "zpl": "application/vnd.zebra-zpl"}
FOR_CUSTOMERS = ("packing-slip", "return-slip", "invoice")
MORE_SCOPES = {"invoice": "invoices:read", "quote": "drafts:read"}
"""What somebody must be allowed to read beside papers."""
"""In the customer's language; others in that of the place where they are read, customs' papers in English."""


class PaperQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which paper, and how."""

    kind: Kind
    of: Annotated[
        str,
        Meta(
            max_length=64,
            description="1042-F1, WV1044-L1, 1042-P1, 1042-R1, INV-000017, D1042 or, for a manifest, a location",
        ),
    ]
    format: Annotated[Literal["pdf", "zpl"], Meta(description="zpl: labels only")] = "pdf"
    language: Annotated[Literal[LANGUAGES], Meta(description="Left out: that of who reads it")] | None = None  # type: ignore[valid-type]
    paper: Annotated[Literal["A4", "Letter"], Meta(description="Left out: what lies in printers there")] | None = None
    on: Annotated[date, Meta(description="Of a manifest: the day; left out: today")] | None = None
    carrier: Annotated[Code, Meta(description="Of a manifest: with whom; left out: all")] | None = None


class Paper(Struct, frozen=True):
    """A finished paper."""

    content: bytes
    type: str
    name: str
    """Of a file."""


async def make(tx: Transaction, query: PaperQuery) -> Paper:
    """The paper, set. Raises NotFound."""
    if query.format == "zpl" and query.kind != "label":
        raise NotFound(f"A {query.kind.replace('-', ' ')} is made as PDF; ZPL is for labels.")
    content = await asyncio.to_thread(await _maker(tx, query))
    return Paper(content, TYPES[query.format], f"{query.kind}-{query.of}.{query.format}")


async def _maker(tx: Transaction, query: PaperQuery) -> Callable[[], bytes]:
    """What sets it, when all that it says is read."""
    if query.kind == "invoice":
        bill = await read_invoice(tx, InvoiceQuery(query.of))
        there = bill.ship_to.country if bill.ship_to else None
        words = _words(query, None, there)
        return lambda: sheet.render(
            sheets.invoice(bill, words), query.paper or paper_of(bill.seller.country if bill.seller else "")
        )
    if query.kind == "quote":
        draft = await read_draft(tx, DraftQuery(query.of))
        sold_by = await seller(tx, draft.channel)
        zone = await catalog.read_zone(tx)
        to = draft.bill_to or draft.ship_to
        words = _words(query, draft.language, to.country if to else None)
        told_quote = quotes.quote(draft, sold_by, zone, words)
        return lambda: sheet.render(told_quote, query.paper or paper_of(sold_by.country if sold_by else ""))
    if query.kind == "manifest":
        left = await read_manifest(tx, query.of, query.on, query.carrier)
        words = _words(query, None, left.location.country)
        return lambda: sheet.render(
            sheets.manifest(left, query.carrier, words), query.paper or paper_of(left.location.country)
        )
    if query.kind == "pick-list" and query.of.partition("-")[2][:1] == "L":
        walk = await read_walk(tx, ListQuery(query.of))
        place = await location_of(tx, walk.wave.location)
        words = _words(query, None, place.country)
        told_walk = sheets.walk(walk, place, words)
        return lambda: sheet.render(told_walk, query.paper or paper_of(place.country))
    letter = {"pick-list": "F", "return-slip": "R"}.get(query.kind, "P")
    if query.of.partition("-")[2][:1] != letter:
        raise NotFound(f"A {query.kind.replace('-', ' ')} is about a document such as 1042-{letter}1, not {query.of}.")
    found = await papers(tx, query.of)
    words = _words(query, *_reader(query.kind, found))
    if query.kind == "label":
        told = label(found, words)
        return lambda: labels.zpl(told) if query.format == "zpl" else labels.pdf(told)
    if query.kind in ("cn22", "cn23"):
        declared = declaration(found, words)
        if query.kind == "cn23":
            paper = sheet.PAPERS[query.paper or paper_of(found.location.country)]
            return lambda: customs.cn23(declared, paper)
        if len(declared.items) > customs.ITEMS_MAX:
            raise NotFound(f"A CN 22 has room for {customs.ITEMS_MAX} kinds of goods; take a CN 23.")
        return lambda: customs.cn22(declared)
    said = SHEETS[query.kind](found, words)
    return lambda: sheet.render(said, query.paper or paper_of(found.location.country))


def _words(query: PaperQuery, told: str | None, country: str | None) -> Words:
    return Words(query.language or language_of(told, country), country)


def _reader(kind: str, found: Papers) -> tuple[str | None, str | None]:
    """The language that they told, and where they are."""
    if kind in FOR_CUSTOMERS:
        return found.order.language, found.ship_to.country if found.ship_to else None
    return (LANGUAGES[0], None) if kind in ("commercial-invoice", "cn22", "cn23") else (None, found.location.country)


def label(found: Papers, words: Words) -> Label:
    """The label of a parcel."""
    _ = words._
    order, parcel = found.order, found.parcel
    assert parcel is not None
    facts = [(_("Order"), order.number), (_("Parcel"), parcel.name)]
    if parcel.weight_grams:
        facts.append((_("Weight"), words.weight(parcel.weight_grams)))
    if parcel.carrier or order.method:
        facts.append((_("Carrier"), parcel.carrier or order.method or ""))
    if parcel.carton:
        facts.append((_("Carton"), parcel.carton))
    facts.append((_("Date"), words.day(parcel.shipped_at or parcel.packed_at, found.zone)))
    return Label(
        _("From"), sheets.sender_lines(None, found.location, words), _("To"), sheets.addressee(found, words), facts,
        parcel.tracking_number or parcel.name, parcel.sscc or "", parcel.tracking_number or parcel.name,
    )  # fmt: skip


def declaration(found: Papers, words: Words) -> Declaration:
    """What customs want to know, as the post asks for it."""
    _ = words._
    order, parcel = found.order, found.parcel
    assert parcel is not None
    goods, items = sheets.goods(found), list[Item]()
    for line, quantity, minor in goods:
        ware = found.wares[line.sku]
        weight = words.weight(ware.weight_grams * quantity) if ware.weight_grams else "–"
        worth, made_in = words.money(Money.of_minor(minor, order.currency)), words.country(ware.origin) or "–"
        items.append(
            Item(line.name, words.number(quantity), weight, worth, ware.hs_code or "–", ware.origin or "", made_in)
        )
    total = Money.of_minor(sum(minor for _line, _units, minor in goods), order.currency)
    known = {
        "title": _("Customs declaration"), "may_open": _("May be opened officially"), "gift": _("Gift"), "documents": _("Documents"),
        "sale": _("Sale of goods"), "sample": _("Commercial sample"), "returned": _("Returned goods"), "other": _("Other"),
        "description": _("Quantity and description of contents"), "weight": _("Weight"), "value": _("Value"),
        "hs_origin": _("HS code, origin"), "total_weight": _("Total weight"), "total_value": _("Total value"),
        "certify": _(
            "I certify that what is said in this declaration is right, and that the item holds nothing dangerous and nothing that law or"
            " postal or customs rules forbid."
        ),
        "signature": _("Signature"), "parcel": _("Parcel"), "from": _("From"), "to": _("To"), "what": _("Description"),
        "quantity": _("Units"), "hs_code": _("HS code"), "origin": _("Origin"), "comments": _("Comments, such as rules of quarantine"),
        "licence": _("Licence number"), "certificate": _("Certificate number"), "invoice": _("Invoice number"),
        "page": _("Page %(page)s of %(pages)s"),
    }  # fmt: skip
    signed = words.day(parcel.shipped_at or parcel.packed_at, found.zone)
    facts = [(_("Order"), order.number), (_("Date"), signed), (_("Carrier"), parcel.carrier or order.method or "–")]
    facts.append((_("Parcel"), parcel.name))
    return Declaration(
        known, sheets.sender_lines(found.seller, found.location, words), sheets.addressee(found, words), items,
        words.weight(parcel.weight_grams) or "–", words.money(total), "gift" if order.gift else "sale", parcel.name, signed,
        parcel.tracking_number or parcel.name, facts,
    )  # fmt: skip


SHEETS: dict[str, Callable[[Papers, Words], sheet.Sheet]] = {
    "pick-list": sheets.pick_list,
    "packing-slip": sheets.packing_slip,
    "return-slip": sheets.return_slip,
    "commercial-invoice": sheets.commercial_invoice,
}

assert set(KINDS) == set(get_args(Kind))
