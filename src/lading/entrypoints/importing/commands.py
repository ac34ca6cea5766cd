"""The items of a plan as commands. Pure: the same item becomes the same command with the same id."""

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

import msgspec
from msgspec import Struct

from lading.adapters.channels.online_retail.rules import minor_of
from lading.adapters.channels.online_retail.terms import (
    CURRENCY,
    MICROS,
    Adjustment,
    AdjustmentReason,
    Kept,
    Opening,
    Order,
    OrderReturn,
    Product,
)
from lading.catalog.commands import SaveProduct
from lading.entrypoints.importing.known import Place
from lading.inventory.commands import AdjustStock, ReceiveStock
from lading.journal.types import Envelope
from lading.kernel.ids import named_id, new_id
from lading.orders.commands import ChargeInput, LineInput, RecordOrder, TenderInput
from lading.returns.commands import KeepUnmatched, RecordReturn, RefundedCharge, ReturnedUnits
from lading.terms.money import Money, UnitPrice
from lading.terms.people import AddressInput, CustomerInput

TEXT_MAX = 300
_encode = msgspec.json.encode


class Commands:
    """Makes commands for one place; remembers prices, countries and customers, for most of them come again."""

    def __init__(self, merchant_id: int, place: Place) -> None:
        self._merchant_id = merchant_id
        self._place = place
        self._prices: dict[Decimal, UnitPrice] = {}
        self._addresses: dict[str, AddressInput] = {}

    def envelope(self, key: str, command: Struct) -> Envelope[Any]:
        """The command under the id that its key has for ever."""
        command_id = named_id(self._merchant_id, self._place.caller, key)
        payload_hash = hashlib.sha256(_encode(command, order="sorted")).digest()
        return Envelope(command_id, payload_hash, self._place.caller, command, new_id(), new_id())

    def product(self, item: Product) -> Envelope[Any]:
        """A product by its code, named as it was sold."""
        return self.envelope(item.key, SaveProduct(item.sku, one_line(item.name) or item.sku))

    def opening(self, item: Opening) -> Envelope[Any]:
        """Stock from the supplier that must have been there."""
        reason = "opening_shortfall" if item.shortfall else "opening_stock"
        command = ReceiveStock(
            item.sku, self._place.location, item.quantity, reason, document=item.key, occurred_at=item.occurred_at
        )
        return self.envelope(item.key, command)

    def adjustment(self, item: Adjustment) -> Envelope[Any]:
        """A change of stock without a sale: found, thrown away, or gone."""
        gone: Literal["scrapped", "lost"] = "scrapped" if item.reason is AdjustmentReason.DAMAGED else "lost"
        command = AdjustStock(
            item.sku,
            self._place.location,
            item.quantity,
            "found" if item.gain else gone,
            str(item.reason),
            document=item.key,
            occurred_at=item.occurred_at,
        )
        return self.envelope(item.key, command)

    def order(self, item: Order) -> Envelope[Any]:
        """An invoice as an order of the past, paid elsewhere in full."""
        total = [TenderInput(pounds(item.total_minor))] if item.total_minor > 0 else []
        command = RecordOrder(
            channel=self._place.channel,
            currency=item.currency,
            lines=[LineInput(line.sku, line.quantity, self._price(line.unit_price)) for line in item.lines],
            external_reference=item.external_reference,
            placed_at=item.placed_at,
            customer=CustomerInput(reference=item.customer) if item.customer else None,
            ship_to=self._address(item.country_code) if item.country_code else None,
            charges=[ChargeInput(each.kind.value, each.code, pounds(each.amount_minor)) for each in item.charges],
            tenders=total,
            location=self._place.location,
            delivered_at=item.placed_at,
        )
        return self.envelope(item.key, command)

    def returned(self, item: OrderReturn, invoice: str, at: Any, numbers: Mapping[str, str]) -> Envelope[Any]:
        """The part of a credit note that concerns one order."""
        command = RecordReturn(
            numbers[item.order],
            self._place.location,
            "credit_note",
            at,
            [ReturnedUnits(line.line, line.quantity) for line in item.lines],
            [RefundedCharge(charge.charge, pounds(charge.amount_minor)) for charge in item.charges],
            invoice,
        )
        return self.envelope(item.key, command)

    def kept(self, item: Kept) -> Envelope[Any]:
        """A line, or what is left of one, that nothing explains."""
        amount = pounds(minor_of(item.quantity * int(item.unit_price * MICROS)))
        command = KeepUnmatched(
            self._place.channel,
            item.key,
            item.invoice,
            item.code,
            item.quantity,
            amount,
            str(item.reason),
            item.occurred_at,
            item.customer,
            one_line(item.text),
        )
        return self.envelope(item.key, command)

    def _price(self, price: Decimal) -> UnitPrice:
        found = self._prices.get(price)
        if found is None:
            found = self._prices[price] = UnitPrice(f"{price:f}", CURRENCY)
        return found

    def _address(self, country: str) -> AddressInput:
        found = self._addresses.get(country)
        if found is None:
            found = self._addresses[country] = AddressInput(country)
        return found


def pounds(minor: int) -> Money:
    """Pence as money."""
    return Money.of_minor(minor, CURRENCY)


def one_line(text: str) -> str:
    """Without control characters, and not longer than a text may be."""
    return "".join(character if character.isprintable() else " " for character in text)[:TEXT_MAX].strip()


def chunks(groups: Sequence[Sequence[Any]], size: int) -> list[list[Any]]:
    """The groups in order, joined up to `size` items; a group is never split."""
    joined: list[list[Any]] = []
    for group in groups:
        if not joined or len(joined[-1]) + len(group) > size:
            joined.append([])
        joined[-1] += group
    return joined
