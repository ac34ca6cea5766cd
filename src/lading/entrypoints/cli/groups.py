"""Commands under their noun, nouns under what they are about, and what a field's type says of itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, get_args, get_origin

import cyclopts
import msgspec
from msgspec import Struct

Groups = dict[str, cyclopts.App]

INSTALLATION: Final = cyclopts.Group("This installation", sort_key=0)

NOUNS: Final[Mapping[str, Mapping[str, str]]] = {
    "Orders": {
        "orders": "Place, source, hold, edit, release, split and merge orders; look at them.",
        "drafts": "Orders that nobody has placed yet, and quotes.",
        "edits": "Changes of an order that wait until somebody confirms them.",
        "lines": "Cancel units of an order, or send them elsewhere.",
        "holds": "What stops an order until somebody lets it go on.",
        "approvals": "Orders and drafts that somebody has to approve.",
        "notes": "What colleagues or customers are told about an order.",
        "tags": "Words by which orders are found.",
        "attributes": "What else is said of orders, lines and products.",
        "subscriptions": "Orders that are placed again and again.",
        "promises": "The dates that customers were told.",
        "queues": "Where open orders stand, and since when.",
        "companies": "Companies that buy, with their terms and people.",
        "channels": "Where orders come from.",
    },
    "Where from": {
        "sourcing": "Try other rules, or more stock, on an order.",
        "sourcing-rules": "The rules by which an order finds its locations.",
        "sourcing-previews": "What sourcing open orders again would save.",
        "locations": "Warehouses, stores and vendors.",
        "location-groups": "Regions and other groups of locations.",
        "capacity": "How full the next days of locations are.",
        "policies": "What is allowed, for the merchant, a channel, a location or a product.",
    },
    "Warehouse": {
        "fulfillment-orders": "The part of an order that one location sends: pick, move, split, hold, reject.",
        "work-list": "What a location has to do now.",
        "waves": "Orders that are picked together, by the shortest way.",
        "pick-lists": "What to take from which bin.",
        "parcels": "Pack, send and track parcels.",
        "pickups": "Orders that customers collect.",
        "put-backs": "Picked units that go back to their shelf.",
        "vendor-orders": "What vendors send in the merchant's name.",
        "cartons": "The boxes that parcels are packed into.",
        "parcel-rates": "What carriers ask for a parcel.",
        "layouts": "Aisles and positions of a warehouse.",
        "documents": "Papers: pick lists, slips, labels, invoices, customs.",
        "print-jobs": "Papers that wait to be printed.",
        "print": "Run a print station: print what is queued for it.",
    },
    "Stock": {
        "stock": "What lies where; receive, adjust, move and count it; its ledger.",
        "availability": "What can be promised, now or by a day.",
        "reservations": "Stock that is kept for a cart or a quote.",
        "pools": "Stock that is kept for channels.",
        "allocations": "Which lot an order gets.",
        "lots": "Lots with their last day: hold, release, recall.",
        "serials": "Single units by their serial number.",
        "bins": "Where in a location units lie.",
        "counts": "Counting shelves, and what came of it.",
        "shortages": "Units that orders hold and that are not there.",
        "backorders": "Units that wait for stock.",
        "transfers": "Stock on its way between locations.",
        "stock-feeds": "Files of stock from other systems.",
    },
    "Products and buying": {
        "products": "Products by their code.",
        "kits": "Products that are made of others.",
        "substitutes": "What may be sent instead of a product.",
        "work-orders": "Kits that are made ahead, or taken apart.",
        "purchase-orders": "What was ordered of suppliers.",
        "asns": "Shipments that suppliers announced.",
        "replenishment": "What to order, and when.",
        "price-lists": "Prices for companies, groups and channels.",
        "prices": "What a product costs whom.",
    },
    "Coming back": {
        "returns": "Request, receive, dispose of and refund what comes back.",
        "unmatched-returns": "What came back and fits no order.",
    },
    "Money": {
        "payments": "Authorise, capture, refund and record money.",
        "credits": "Gift cards and store credit.",
        "invoices": "Invoices and credit notes.",
        "receivables": "What companies have to pay.",
        "disputes": "Money that banks took back.",
        "dispute-answers": "What became of evidence that was sent to a bank.",
        "taxes": "What taxes an order would have.",
        "tax-rates": "The rates by which taxes are charged.",
        "tax-records": "Invoices that a tax service keeps.",
        "exchange-rates": "What other currencies are worth in the books.",
        "provider-fees": "What providers of payments keep for themselves.",
        "ledger": "What each account got and gave, day by day.",
        "legal-entities": "Who sells: what stands on invoices.",
        "postal-codes": "Where postal codes lie, for distances.",
    },
    "Data": {
        "events": "Everything that happened, in order.",
        "import": "Load files of other systems.",
        "export": "Whole tables for other programs.",
    },
}
"""What is said of each noun, under what it is about."""

_PANELS: Final = {title: cyclopts.Group(title, sort_key=rank) for rank, title in enumerate(NOUNS, 1)}
_LINES: Final = {noun: (_PANELS[title], line) for title, nouns in NOUNS.items() for noun, line in nouns.items()}


def panel(noun: str) -> str:
    """Under which title it stands."""
    return next(title for title, nouns in NOUNS.items() if noun in nouns)


def about(noun: str) -> tuple[cyclopts.Group, str]:
    """Its panel, and its line of help."""
    return _LINES.get(noun, (INSTALLATION, ""))


def group(groups: Groups, noun: str) -> cyclopts.App:
    """The commands of a noun; made where it is new."""
    if noun not in groups:
        panel, line = about(noun)
        groups[noun] = cyclopts.App(name=noun, help=line, group=panel, result_action="return_value")
    return groups[noun]


def told(kind: Any) -> Iterator[str]:
    """What the type says of itself: descriptions, the words that are allowed, the fields that are written as JSON."""
    if get_origin(kind) is Literal:
        yield "one of " + ", ".join(map(str, get_args(kind)))
    elif isinstance(kind, type) and issubclass(kind, Struct):
        yield f"JSON with {', '.join(field.encode_name for field in msgspec.structs.fields(kind))}"
    for part in get_args(kind) if get_origin(kind) is not Literal else ():
        if isinstance(part, msgspec.Meta):
            if part.description:
                yield part.description
        else:
            yield from told(part)
