"""Laws of kits, on random orders: units and money of the parts, whole kits, and how far a kit is."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from lading.orders import kits, rules
from lading.orders.commands import PlaceOrder
from lading.orders.types import Line, no_units
from lading.sourcing.rules import Want, source
from lading.terms.ledger import LINE_STAGES

POT, CUP, BOX, HAM, MUC, LEJ = (uuid.UUID(int=number) for number in range(1, 7))


@dataclass(frozen=True)
class Sku:
    id: uuid.UUID


@dataclass(frozen=True)
class Component:
    sku: Sku
    per_kit: int
    list_price: Decimal | None


@dataclass
class Shelf:
    location_id: uuid.UUID
    lot: str
    available: int


prices = st.none() | st.decimals(0, 1000, places=2)
components = st.lists(
    st.builds(Component, st.builds(Sku, st.uuids()), st.integers(1, 7), prices), min_size=1, max_size=5
)
cents = st.integers(0, 100_000)


def placed(quantity: int, price_minor: int, made_of: list[Component], discount: int = 0) -> dict[int, Line]:
    """The lines of an order over a kit (line 1) and a mug (line 2)."""
    price = f"{price_minor // 100}.{price_minor % 100:02d}"
    charges = [{"kind": "discount", "code": "D", "amount": {"amount": f"-{discount}.00", "currency": "EUR"}}]
    command = msgspec.convert(
        {
            "channel": "web", "currency": "EUR",
            "lines": [
                {"sku": "KIT", "quantity": quantity, "unit_price": {"amount": price, "currency": "EUR"}},
                {"sku": "MUG", "quantity": 1, "unit_price": {"amount": "7.77", "currency": "EUR"}},
            ],
            "charges": charges if discount else [],
        },
        PlaceOrder,
    )  # fmt: skip
    parts = kits.parts_of(2, {1: (quantity, made_of)})
    return rules.lines_of(command, [POT, CUP], parts, shared=True)


@given(st.integers(1, 50), cents, components)
def test_the_parts_bear_what_the_kit_costs_and_each_whole_kit_the_same(
    quantity: int, price: int, made_of: list[Component]
) -> None:
    lines = placed(quantity, price, made_of)
    parts = [line for line in lines.values() if line.part_of == 1]
    assert lines[1].goods_minor == 0 and lines[1].units == no_units()
    assert sum(part.goods_minor for part in parts) == price * quantity
    assert [part.ordered for part in parts] == [quantity * each.per_kit for each in made_of]
    for whole in range(quantity + 1):
        assert sum(part.cost_minor(whole * (part.per_kit or 0)) for part in parts) == price * whole


@given(st.integers(1, 20), st.integers(500, 100_000), components, st.integers(0, 5))
def test_shares_of_a_discount_sum_to_it_and_kits_bear_none(
    quantity: int, price: int, made_of: list[Component], discount: int
) -> None:
    lines = placed(quantity, price, made_of, discount)
    assert sum(charge.amount_minor for line in lines.values() for charge in line.charges) == -100 * discount
    assert lines[1].charges == []
    assert all(line.cost_minor(line.ordered) >= 0 for line in lines.values())


@given(components)
def test_weights_follow_list_prices_where_all_are_known(made_of: list[Component]) -> None:
    weights = kits.weights(made_of)
    listed = [each.list_price for each in made_of]
    known = [price for price in listed if price is not None]
    if len(known) == len(made_of) and any(known):
        for (one, weight), (other, heavier) in zip(
            zip(made_of, weights, strict=True), zip(made_of[1:], weights[1:], strict=True), strict=False
        ):
            assert weight * (other.list_price or 0) * other.per_kit == heavier * (one.list_price or 0) * one.per_kit
    else:
        assert weights == [each.per_kit for each in made_of]


units_of_parts = st.lists(
    st.tuples(st.integers(1, 4), st.lists(st.sampled_from(LINE_STAGES), min_size=4, max_size=4)), min_size=1, max_size=4
)


@given(units_of_parts)
def test_each_kit_stands_where_its_least_advanced_part_does(parts: list[tuple[int, list[str]]]) -> None:
    """Four kits; every part has units of each at some stage."""
    told = [(per_kit, {stage: per_kit * stages.count(stage) for stage in LINE_STAGES}) for per_kit, stages in parts]
    progress = kits.progress(4, told)
    assert sum(progress.values()) == 4
    for stage in ("delivered", "in_transit"):
        past = ("delivered",) if stage == "delivered" else ("in_transit", "delivered")
        least = min(sum(stages.count(each) for each in past) for _, stages in parts)
        assert sum(progress.get(each, 0) for each in past) == least


shelves = st.dictionaries(
    st.sampled_from((POT, CUP)),
    st.lists(
        st.builds(Shelf, st.sampled_from((HAM, MUC, LEJ)), st.sampled_from(("", "L1")), st.integers(0, 12)), max_size=5
    ),
)


@given(shelves, st.integers(1, 4), st.integers(1, 4), st.integers(0, 5), st.booleans())
def test_kits_come_whole_from_a_location_and_no_shelf_gives_more_than_it_has(
    supplies: dict[uuid.UUID, list[Shelf]], quantity: int, per_kit: int, loose: int, may_split: bool
) -> None:
    """Kits of a pot and cups, and loose cups beside them."""
    unique = {
        sku: list({(shelf.location_id, shelf.lot): shelf for shelf in found}.values())
        for sku, found in supplies.items()
    }
    wants = [Want(4, CUP, loose)] if loose else []
    wants += [Want(2, POT, quantity, 1, 1), Want(3, CUP, quantity * per_kit, 1, per_kit)]
    found = source(wants, unique, {HAM: 1, MUC: 2, LEJ: 3}, may_split=may_split)
    for location in (HAM, MUC, LEJ):
        pots = sum(take.quantity for take in found.takes if take.location_id == location and take.line_number == 2)
        cups = sum(take.quantity for take in found.takes if take.location_id == location and take.line_number == 3)
        assert cups == pots * per_kit
    for sku, shelves_of in unique.items():
        for shelf in shelves_of:
            key = (sku, shelf.location_id, shelf.lot)
            taken = sum(take.quantity for take in found.takes if (take.sku_id, take.location_id, take.lot) == key)
            assert taken <= shelf.available
    for want in wants:
        taken = sum(take.quantity for take in found.takes if take.line_number == want.line_number)
        assert taken + found.short.get(want.line_number, 0) == want.quantity
