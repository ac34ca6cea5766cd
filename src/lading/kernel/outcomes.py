"""What a command comes to: an accepted outcome (a typed struct of its verb) or a refusal, which is a value too."""

from typing import Any

from msgspec import Struct

from lading.kernel.wording import filled


class Refusal(Struct, frozen=True, tag_field="refused", tag="yes"):
    """A business refusal: a name to switch on, a sentence to read, the field (JSON pointer) it is about, and facts."""

    name: str
    message: str
    pointer: str = ""
    facts: dict[str, Any] = {}

    @classmethod
    def of(cls, kind: tuple[str, str], pointer: str = "", /, **facts: Any) -> "Refusal":
        """The refusal of that name; its sentence's {holes} are filled from the facts."""
        return cls(kind[0], filled(kind[1], facts), pointer, facts)
