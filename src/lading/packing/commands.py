"""What can be asked of cartons and what carriers ask."""

import itertools
from typing import Annotated

from msgspec import Meta, Struct

from lading.terms.fields import Code, Country, Name
from lading.terms.money import Money

Millimetres = Annotated[int, Meta(ge=1, le=20_000, description="millimetres")]
Grams = Annotated[int, Meta(ge=0, le=10_000_000, description="grams")]
Step = Annotated[int, Meta(ge=1, le=10_000_000, description="grams")]

STEPS_MAX = 200


class CartonSize(Struct, frozen=True, forbid_unknown_fields=True):
    """Of a carton; its height is what points upwards."""

    length_mm: Millimetres
    width_mm: Millimetres
    height_mm: Millimetres

    @property
    def sides(self) -> tuple[int, int, int]:
        """Length, width, height."""
        return self.length_mm, self.width_mm, self.height_mm


class SaveCarton(Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of carton; new by its code, otherwise changed."""

    code: Code
    inner: CartonSize
    cost: Money
    """Of the empty carton."""
    max_grams: Step
    """Of what lies in it."""
    name: Name | None = None
    outer: CartonSize | None = None
    """Left out: as large as inside."""
    tare_grams: Grams = 0
    """Of the empty carton with what it is stuffed with."""
    active: bool = True

    def __post_init__(self) -> None:
        if self.outer and any(out < inside for out, inside in zip(self.outer.sides, self.inner.sides, strict=True)):
            raise ValueError("outer is smaller than inner")


class RateStep(Struct, frozen=True, forbid_unknown_fields=True):
    """What a parcel costs whose billed weight is no more than this."""

    up_to_grams: Step
    price: Money


class SaveParcelRate(Struct, frozen=True, forbid_unknown_fields=True):
    """What a carrier asks by billed weight: the weight of a parcel, or its volume counted as weight, whichever is more."""

    code: Code
    steps: Annotated[list[RateStep], Meta(min_length=1, max_length=STEPS_MAX)]
    """Rising; what weighs more than the last one is not taken."""
    name: Name | None = None
    countries: Annotated[list[Country], Meta(max_length=250)] = []
    """Where to; none: wherever no other table of rates says it."""
    mm3_per_gram: (
        Annotated[
            int,
            Meta(
                ge=1, le=1_000_000, description="Cubic millimetres that count as a gram; 5000: five litres a kilogram"
            ),
        ]
        | None
    ) = None
    active: bool = True

    def __post_init__(self) -> None:
        if len({step.price.currency for step in self.steps}) > 1:
            raise ValueError("all steps are in one currency")
        weights = [step.up_to_grams for step in self.steps]
        if any(later <= earlier for earlier, later in itertools.pairwise(weights)):
            raise ValueError("each step goes further than the one before it")
