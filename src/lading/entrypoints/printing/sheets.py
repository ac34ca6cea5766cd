"""What each paper says: the facts of a view as a sheet, in one language."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from lading.adapters.documents.sheet import Column, Sheet
from lading.entrypoints.printing.texts import Words, address_lines
from lading.invoices.types import LegalEntity
from lading.kernel import money
from lading.terms.money import Money
from lading.views.invoices import InvoiceView
from lading.views.invoices import Seller as InvoiceSeller
from lading.views.order import OrderLine
from lading.views.papers import Bin, Manifest, Papers
from lading.views.products import Location
from lading.views.waves import PickListView


def sender_lines(seller: LegalEntity | InvoiceSeller | None, location: Location | None, words: Words) -> list[str]:
    """Who sends, or where it comes from."""
    if seller:
        place = " ".join(filter(None, (seller.postal_code, seller.city)))
        lines = [seller.name, seller.line1, seller.line2, place, words.country(seller.country), seller.tax_number]
        return [line for line in lines if line]
    return place_lines(location, words) if location else [""]


def place_lines(location: Location, words: Words) -> list[str]:
    """A location's name and address."""
    address = location.address
    street = [address.line1, address.line2] if address else []
    place = " ".join(filter(None, (address.postal_code, address.city))) if address else ""
    return [location.name, *(line for line in (*street, place) if line), words.country(location.country)]


def pick_list(papers: Papers, words: Words) -> Sheet:
    """What to take from which bin, in the order of the bins."""
    _ = words._
    work = papers.fulfillment_order
    assert work is not None
    names = {line.sku: line.name for line in papers.order.lines}
    wanted = Counter[tuple[str, str]]()
    for each in papers.order.allocations:
        if each.fulfillment_order == work.name:
            wanted[each.sku, each.lot] += each.units.get("released", 0)
    rows: list[tuple[tuple[bool, int, str, str, str], list[str]]] = []
    for (sku, lot), units in wanted.items():
        gtin = papers.wares[sku].gtin
        small = [f"GTIN {gtin}" if gtin else "", _("Lot %(lot)s", lot=lot) if lot else ""]
        name = "\n".join([names[sku], *filter(None, small)])
        for bin_, count in _from_bins(papers.bins.get((sku, lot), []), units):
            row = [bin_.code or "–", sku, name, words.number(count)]
            rows.append(((not bin_.code, bin_.sequence, bin_.code, sku, lot), row))
    facts = [
        (_("Order"), papers.order.number),
        (_("Location"), papers.location.name),
        (_("Released on"), words.day(work.released_at, papers.zone)),
    ]
    if papers.order.ship_by:
        facts.append((_("Leaves by"), words.day(papers.order.ship_by, papers.zone)))
    if papers.order.method:
        facts.append((_("Sent by"), papers.order.method))
    return Sheet(
        _("Pick list"), work.name, place_lines(papers.location, words), facts=facts,
        columns=[
            Column(_("Bin"), 1.3, bold=True), Column("SKU", 2.2, bold=True), Column(_("Product"), 4.4), Column(_("Units"), 1, True, True),
        ],
        rows=[row for _key, row in sorted(rows)], fields=[_("Picked by"), _("Short, and why")], code=work.name, qr=work.name, ticks=True,
        page_word=_("Page %(page)s of %(pages)s"), language=words.language,
    )  # fmt: skip


def walk(walk: PickListView, location: Location, words: Words) -> Sheet:
    """What to take at which stop of a walk, and for whom; in which box where each fulfillment order has one."""
    _ = words._
    boxed = walk.wave.method == "cluster"
    rows = []
    for stop in walk.stops:
        for task in stop.tasks:
            if not task.waiting:
                continue
            small = [f"GTIN {task.gtin}" if task.gtin else "", _("Lot %(lot)s", lot=task.lot) if task.lot else ""]
            name = "\n".join([task.name, *filter(None, small)])
            whom = (
                "\n".join([_("Box %(box)s", box=task.slot), task.fulfillment_order])
                if boxed
                else task.fulfillment_order
            )
            rows.append([stop.bin or "–", task.sku, name, whom, words.number(task.waiting)])
    zone = ZoneInfo(location.time_zone)
    facts = [(_("Wave"), walk.wave.wave), (_("Location"), location.name)]
    if walk.wave.released_at:
        facts.append((_("Released on"), words.day(walk.wave.released_at, zone)))
    if walk.head.zone:
        facts.append((_("Zone"), walk.head.zone))
    if walk.head.route_cm:
        facts.append((_("Walk"), f"{words.number(-(-walk.head.route_cm // 100))} m"))
    return Sheet(
        _("Pick list"), walk.head.list, place_lines(location, words), facts=facts,
        columns=[
            Column(_("Bin"), 1.3, bold=True), Column("SKU", 2.2, bold=True), Column(_("Product"), 3.4), Column(_("For"), 1.4),
            Column(_("Units"), 1, True, True),
        ],
        rows=rows, fields=[_("Picked by"), _("Short, and why")], code=walk.head.list, qr=walk.head.list, ticks=True,
        page_word=_("Page %(page)s of %(pages)s"), language=words.language,
    )  # fmt: skip


def _from_bins(bins: Sequence[Bin], units: int) -> list[tuple[Bin, int]]:
    """From which bin how many; what lies in none is taken from the floor."""
    taken = []
    for bin_ in bins:
        if count := min(bin_.units, units):
            taken.append((bin_, count))
            units -= count
    return [*taken, (Bin("", units, 0), units)] if units else taken


def packing_slip(papers: Papers, words: Words) -> Sheet:
    """What lies in the parcel; without prices where the order is a gift."""
    _ = words._
    order, parcel = papers.order, papers.parcel
    assert parcel is not None
    lines = {line.number: line for line in order.lines}
    priced = not order.gift
    rows = []
    total = 0
    for each in parcel.lines:
        line = lines[each.line]
        names = papers.serials.get(each.line)
        small = [_("Serial numbers: %(names)s", names=", ".join(names))] if names else []
        row = [line.sku, "\n".join([line.name, *small]), words.number(each.quantity)]
        if priced:
            minor = _share_minor(line, each.quantity)
            total += minor
            row += [words.price(line.unit_price, order.currency), words.money(Money.of_minor(minor, order.currency))]
        rows.append(row)
    columns = [Column("SKU", 2, bold=True), Column(_("Product"), 4), Column(_("Units"), 1, True, True)]
    if priced:
        columns += [Column(_("Price"), 1.5, True), Column(_("Amount"), 1.5, True)]
    left = order.units.get("ordered", 0) - order.units.get("cancelled", 0) - sum(each.quantity for each in parcel.lines)
    notes = [_("This parcel holds a part of the order; the rest comes apart.")] if left > 0 else []
    said = [_("This is a gift for you.")] if order.gift else []
    return Sheet(
        _("Packing slip"), parcel.name, sender_lines(papers.seller, papers.location, words), _("Ship to"), addressee(papers, words),
        _parcel_facts(papers, words), columns, rows,
        [(_("Goods in this parcel"), words.money(Money.of_minor(total, order.currency)))] if priced else [],
        [*said, *papers.greetings, *notes],
        code=parcel.name, qr=parcel.name, footer=papers.seller.footer if papers.seller else "",
        page_word=_("Page %(page)s of %(pages)s"), language=words.language,
    )  # fmt: skip


def addressee(papers: Papers, words: Words) -> list[str]:
    """Who gets it, the country last."""
    order = papers.order
    name = order.customer.name if order.customer else None
    return address_lines(papers.ship_to, name, words) if papers.ship_to else [name or ""]


def _parcel_facts(papers: Papers, words: Words) -> list[tuple[str, str]]:
    _ = words._
    order, parcel = papers.order, papers.parcel
    assert parcel is not None
    facts = [(_("Order"), order.number), (_("Ordered on"), words.day(order.placed_at, papers.zone))]
    if order.external_reference:
        facts.append((_("Reference"), order.external_reference))
    if parcel.weight_grams:
        facts.append((_("Weight"), words.weight(parcel.weight_grams)))
    if parcel.carrier:
        facts.append((_("Carrier"), parcel.carrier))
    if parcel.tracking_number:
        facts.append((_("Tracking number"), parcel.tracking_number))
    return facts


def _share_minor(line: OrderLine, quantity: int) -> int:
    """What so many units of the line cost, without what was charged beside."""
    exact = Decimal(line.unit_price) * quantity
    return money.to_minor(exact, money.exponent(line.goods.currency) or 0)


def return_slip(papers: Papers, words: Words) -> Sheet:
    """What comes back, and where to."""
    _ = words._
    order, back = papers.order, papers.back
    assert back is not None
    lines = {line.number: line for line in order.lines}
    rows = [
        [lines[each.line].sku, lines[each.line].name, words.number(units)]
        for each in back.lines
        if (units := each.units.get("requested", 0) - each.units.get("withdrawn", 0)) > 0
    ]
    name = order.customer.name if order.customer else ""
    facts = [
        (_("Order"), order.number),
        (_("Announced on"), words.day(back.requested_at, papers.zone)),
        (_("Reason"), reason(back.reason, words)),
    ]
    if name:
        facts.insert(1, (_("Customer"), name))
    if back.reference:
        facts.append((_("Reference"), back.reference))
    return Sheet(
        _("Return slip"), back.name, sender_lines(papers.seller, papers.location, words), _("Send it to"),
        place_lines(papers.location, words), facts,
        [Column("SKU", 2, bold=True), Column(_("Product"), 5), Column(_("Units"), 1, True, True)], rows,
        notes=[_("Put this slip into the parcel, so that we know whose it is.")], fields=[_("Received on"), _("Checked by")],
        code=back.name, qr=back.name, footer=papers.seller.footer if papers.seller else "",
        page_word=_("Page %(page)s of %(pages)s"), language=words.language,
    )  # fmt: skip


def reason(code: str, words: Words) -> str:
    """Why it comes back, where it is one of our words."""
    _ = words._
    known = {
        "not_wanted": _("not wanted any more"),
        "damaged": _("arrived damaged"),
        "wrong_item": _("wrong item"),
        "not_as_described": _("not as described"),
        "too_late": _("came too late"),
        "other": _("something else"),
        "returned_to_sender": _("could not be delivered"),
    }
    return known.get(code, code.replace("_", " "))


def invoice(found: InvoiceView, words: Words) -> Sheet:
    """An invoice or a credit note as it was issued."""
    _ = words._
    head = found.head
    is_credit = head.kind == "credit_note"
    to = address_lines(found.ship_to, found.customer, words) if found.ship_to else [found.customer or ""]
    facts = [(_("Date"), words.day(head.issued_on)), (_("Order"), head.order)]
    if head.parcel:
        facts.append((_("Parcel"), head.parcel))
    if head.credits:
        facts.append((_("Takes something off"), head.credits))
    rows = []
    for line in found.lines:
        small = [_("Discount %(amount)s", amount=words.money(line.discount))] if line.discount.minor else []
        if line.other.minor:
            small.append(_("Shipping and fees %(amount)s", amount=words.money(line.other)))
        rows.append(
            [
                line.sku, "\n".join([line.name, *small]), words.number(line.quantity),
                words.price(line.unit_price, line.goods.currency), words.money(line.total),
            ]
        )  # fmt: skip
    totals = [(_("Net"), words.money(found.net))]
    for tax in found.taxes:
        rate = f" {tax.rate} %" if tax.rate else ""
        on = _("on %(amount)s", amount=words.money(tax.net))
        included = f", {_('contained in prices')}" if tax.included else ""
        totals.append((f"{tax.code}{rate} ({on}{included})", words.money(tax.tax)))
    totals.append((_("To be credited") if is_credit else _("Total"), words.money(head.total)))
    return Sheet(
        _("Credit note") if is_credit else _("Invoice"), head.invoice, sender_lines(found.seller, None, words), _("Bill to"), to, facts,
        [
            Column("SKU", 2, bold=True), Column(_("Product"), 4), Column(_("Units"), 1, True), Column(_("Price"), 1.5, True),
            Column(_("Amount"), 1.6, True),
        ],
        rows, totals, footer=found.seller.footer if found.seller else "", page_word=_("Page %(page)s of %(pages)s"),
        language=words.language,
    )  # fmt: skip


def manifest(found: Manifest, carrier: str | None, words: Words) -> Sheet:
    """What the driver takes along, to be signed."""
    _ = words._
    carriers = sorted({each.carrier for each in found.parcels})
    weight = sum(each.weight_grams or 0 for each in found.parcels)
    rows = [
        [
            each.name, "\n".join(filter(None, (each.tracking_number or "–", f"SSCC {each.sscc}" if each.sscc else ""))), each.carrier,
            " ".join(filter(None, (each.country, each.postal_code))), words.number(each.units), words.weight(each.weight_grams) or "–",
        ]
        for each in found.parcels
    ]  # fmt: skip
    facts = [
        (_("Date"), words.day(found.on)),
        (_("Carrier"), carrier or ", ".join(carriers) or "–"),
        (_("Parcels"), words.number(len(found.parcels))),
        (_("Weight"), words.weight(weight)),
    ]
    return Sheet(
        _("Manifest"), f"{found.location.code} · {found.on.isoformat()}", sender_lines(found.seller, found.location, words),
        _("From"), place_lines(found.location, words), facts,
        [
            Column(_("Parcel"), 1.6, bold=True), Column(_("Tracking number"), 3), Column(_("Carrier"), 1.5), Column(_("To"), 1.5),
            Column(_("Units"), 0.9, True), Column(_("Weight"), 1.2, True),
        ],
        rows, fields=[_("Handed over by"), _("Taken over by"), _("Time")], page_word=_("Page %(page)s of %(pages)s"),
        language=words.language,
    )  # fmt: skip


def goods(papers: Papers) -> list[tuple[OrderLine, int, int]]:
    """(line, units in the parcel, what they are worth)."""
    assert papers.parcel is not None
    lines = {line.number: line for line in papers.order.lines}
    return [
        (lines[each.line], each.quantity, _share_minor(lines[each.line], each.quantity)) for each in papers.parcel.lines
    ]


def commercial_invoice(papers: Papers, words: Words) -> Sheet:
    """For customs: what it is, what it is worth, where it was made."""
    _ = words._
    order, parcel = papers.order, papers.parcel
    assert parcel is not None
    rows = []
    total = net = 0
    for line, quantity, minor in goods(papers):
        ware = papers.wares[line.sku]
        total += minor
        net += (ware.weight_grams or 0) * quantity
        rows.append(
            [
                line.name, ware.hs_code or "–", words.country(ware.origin) or "–", words.number(quantity),
                words.weight(ware.weight_grams * quantity) if ware.weight_grams else "–", words.price(line.unit_price, order.currency),
                words.money(Money.of_minor(minor, order.currency)),
            ]
        )  # fmt: skip
    facts = [
        *_parcel_facts(papers, words), (_("Kind of goods"), _("Sale of goods")), (_("Net weight"), words.weight(net)),
    ]  # fmt: skip
    return Sheet(
        _("Commercial invoice"), parcel.name, sender_lines(papers.seller, papers.location, words), _("Importer"),
        addressee(papers, words), facts,
        [
            Column(_("Description"), 3, bold=True), Column(_("HS code"), 1.2), Column(_("Origin"), 1.4), Column(_("Units"), 1.1, True),
            Column(_("Weight"), 1.1, True), Column(_("Price"), 1.3, True), Column(_("Value"), 1.4, True),
        ],
        rows, [(_("Total value"), words.money(Money.of_minor(total, order.currency)))],
        [_("I declare that what this invoice says is true and complete.")], [_("Place and date"), _("Name"), _("Signature")],
        code=parcel.name, page_word=_("Page %(page)s of %(pages)s"), language=words.language,
    )  # fmt: skip
