"""What can be said of a warehouse's plan."""

from typing import Annotated

from msgspec import Meta, Struct

from lading.terms.fields import Code

Centimetres = Annotated[int, Meta(ge=0, le=1_000_000, description="Centimetres")]


class AislePlace(Struct, frozen=True, forbid_unknown_fields=True):
    """An aisle, by where it begins on the front."""

    code: Code
    x_cm: Centimetres


class SaveLayout(Struct, frozen=True, forbid_unknown_fields=True):
    """Parallel aisles of a location, the cross aisles that join them, and where walks begin. Bins are placed with bins.save."""

    location: Code
    aisles: Annotated[list[AislePlace], Meta(min_length=1, max_length=1_000)]
    cross_cm: Annotated[
        list[Centimetres],
        Meta(
            min_length=2, max_length=50, description="Where cross aisles run: the front one, any between, the back one"
        ),
    ]
    depot_cm: Annotated[int, Meta(ge=0, le=1_000_000, description="Where walks begin and end, along the front")] = 0

    def __post_init__(self) -> None:
        if list(self.cross_cm) != sorted(set(self.cross_cm)):
            raise ValueError("cross aisles are told from the front to the back, each once")
        if len({aisle.code for aisle in self.aisles}) < len(self.aisles):
            raise ValueError("each aisle is told once")
