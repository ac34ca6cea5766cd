"""What is packed, what it is packed into, and how a packing is said. Millimetres, grams and minor units throughout."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

Size = tuple[int, int, int]
"""Length, width, height: along x, along y, upwards."""


class Piece(NamedTuple):
    """One unit that is to be packed."""

    size: Size
    weight_grams: int = 0
    upright: bool = False
    """Its height points upwards; it may be turned, not laid down."""
    fragile: bool = False
    """Nothing lies above it but what is fragile too."""
    keep_apart: str = ""
    """It shares no carton with pieces of another class; the empty one goes with all."""


class Carton(NamedTuple):
    """A kind of carton of the merchant's."""

    code: str
    inner: Size
    outer: Size
    tare_grams: int
    max_grams: int
    """Of what lies in it; the carton itself is not counted."""
    cost_minor: int
    """What the empty carton costs."""


class Tariff(NamedTuple):
    """What a carrier asks for a parcel: by its weight, or by its size where that says more."""

    mm3_per_gram: int | None
    """Volume of the outer carton that counts as a gram; None: only the scales count. 5,000 is one kilogram for five litres."""
    up_to_grams: Sequence[int]
    """The steps of billed weight, rising."""
    price_minor: Sequence[int]
    """What a parcel up to each step costs."""

    def billed_grams(self, outer: Size, weight_grams: int) -> int:
        """What counts: the weight, or the volume as weight, whichever is more."""
        if self.mm3_per_gram is None:
            return weight_grams
        return max(weight_grams, -(-outer[0] * outer[1] * outer[2] // self.mm3_per_gram))

    def price(self, billed_grams: int) -> int | None:
        """What it costs; None beyond the last step: the carrier does not take it."""
        at = bisect_left(self.up_to_grams, billed_grams)
        return self.price_minor[at] if at < len(self.price_minor) else None


FREE = Tariff(None, (2**62,), (0,))
"""Where nobody said what carriers ask: only the cartons cost something."""


class Placed(NamedTuple):
    """Where a piece lies: its corner nearest to the origin, and its size as it is turned."""

    piece: int
    """Its place in the list of pieces."""
    at: Size
    size: Size


class Parcel(NamedTuple):
    """One carton with what lies in it; None: a piece that no carton holds goes as it is, under a label of its own."""

    carton: Carton | None
    placed: Sequence[Placed]
    weight_grams: int
    """With the carton."""
    billed_grams: int
    cost_minor: int
    """Carton and carrier."""


class Packing(NamedTuple):
    """The parcels of an order."""

    parcels: Sequence[Parcel]
    cost_minor: int
    bound_minor: int
    """No packing costs less."""
    left: Sequence[int]
    """Pieces that nobody can send: no carton holds them, and the tariff takes none so large or heavy by itself."""

    @property
    def proven(self) -> bool:
        """Whether no packing is cheaper."""
        return self.cost_minor == self.bound_minor


@dataclass(slots=True)
class CartonRow:
    """A carton as it is saved."""

    id: UUID
    code: str
    name: str
    inner_length_mm: int
    inner_width_mm: int
    inner_height_mm: int
    outer_length_mm: int
    outer_width_mm: int
    outer_height_mm: int
    tare_grams: int
    max_grams: int
    cost_minor: int
    currency: str
    active: bool
    version: int

    @property
    def inner(self) -> Size:
        """Inside."""
        return self.inner_length_mm, self.inner_width_mm, self.inner_height_mm

    @property
    def outer(self) -> Size:
        """Outside."""
        return self.outer_length_mm, self.outer_width_mm, self.outer_height_mm

    def carton(self) -> Carton:
        """As rules see it."""
        return Carton(self.code, self.inner, self.outer, self.tare_grams, self.max_grams, self.cost_minor)


@dataclass(slots=True)
class TariffRow:
    """A table of rates as it is saved."""

    id: UUID
    code: str
    name: str
    countries: list[str]
    """Where to; none: wherever no other one says."""
    mm3_per_gram: int | None
    currency: str
    up_to_grams: list[int]
    price_minor: list[int]
    active: bool
    version: int

    def tariff(self) -> Tariff:
        """As rules see it."""
        return Tariff(self.mm3_per_gram, self.up_to_grams, self.price_minor)


def rate_to(country: str | None, rates: Iterable[TariffRow]) -> TariffRow | None:
    """What is asked for a parcel to that country: of those that name it the first by code, else of those that name none."""
    active = sorted((rate for rate in rates if rate.active), key=lambda rate: rate.code)
    naming = [rate for rate in active if country in rate.countries]
    return next(iter([*naming, *(rate for rate in active if not rate.countries)]), None)
