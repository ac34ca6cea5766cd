"""The sentences of events about invoices."""

from lading.invoices.types import name_of
from lading.terms.money import Money
from lading.views.names import Names
from lading.views.phrases import Data, listed, noted, said, say


def invoices_issued(data: Data, names: Names) -> str:
    """Invoice INV-000017 over 12.00 EUR issued."""
    return say("Issued %(list)s.", list=listed([_document(each) for each in data["documents"]]))


def _document(data: Data) -> str:
    what = say("credit note") if data["kind"] == "credit_note" else say("invoice")
    total = Money.of_minor(data["total_minor"], data["currency"])
    name = name_of(data["legal_entity"], data["series"], data["serial"])
    return say(
        "%(what)s %(name)s over %(amount)s %(currency)s",
        what=what,
        name=name,
        amount=total.amount,
        currency=total.currency,
    )


def tax_record_answered(data: Data, _: Names) -> str:
    """Invoice 1 recorded by avatax; or not."""
    what = say("Document %(document)s of the order", document=data["document"])
    if data["code"]:
        return say(
            "%(what)s was not recorded by %(service)s: %(code)s.", what=what, service=data["service"], code=data["code"]
        )
    return say(
        "%(what)s recorded by %(service)s: %(reference)s.",
        what=what,
        service=data["service"],
        reference=data["reference"],
    )


def tax_record_repeated(data: Data, _: Names) -> str:
    """avatax is asked again to record invoice 1."""
    return say(
        "%(service)s is asked again to record document %(document)s of the order.",
        service=data["service"],
        document=data["document"],
    )


def legal_entity_saved(data: Data, names: Names) -> str:
    """Legal entity MAIN saved."""
    return say("Legal entity %(code)s saved.", code=data["code"])


def exchange_rate_saved(data: Data, _: Names) -> str:
    """1 USD is worth 0.9213 EUR from 2026-11-23 on."""
    return say(
        "1 %(currency)s is worth %(rate)s %(shop_currency)s from %(day)s on.",
        currency=data["currency"],
        rate=data["rate"],
        shop_currency=data["shop_currency"],
        day=data["day"],
    )


_HOW = {"included": noted("contained in prices"), "compound": noted("on the other taxes too")}


def tax_rate_saved(data: Data, names: Names) -> str:
    """Tax VAT in DE is 19 % from 2026-01-01 on, contained in prices."""
    where = " ".join(filter(None, (data["country"], data["region"], data["postal_prefix"])))
    what = say("Tax %(code)s in %(where)s", code=data["code"], where=where) + (
        say(" on %(category)s", category=data["category"]) if data["category"] else ""
    )
    if data["rate"] is None:
        return say("%(what)s from %(valid_from)s on withdrawn.", what=what, valid_from=data["valid_from"])
    until = say(" to %(valid_to)s", valid_to=data["valid_to"]) if data["valid_to"] else ""
    more = "".join(f", {said(_HOW, name)}" for name in _HOW if data[name])
    return say(
        "%(what)s is %(rate)s %% from %(valid_from)s on%(until)s%(how)s.",
        what=what, rate=data["rate"], valid_from=data["valid_from"], until=until, how=more,
    )  # fmt: skip
