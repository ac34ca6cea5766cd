"""How things are said: words that are searched, and the progress of an order in a few words. Pure."""

import unicodedata
from collections.abc import Mapping

WORD_LENGTH_MAX = 64
WORDS_MAX = 20

_PAST = {
    "to_source": ("allocated", "released", "picked", "packed", "in_transit", "delivered", "sent_back", "lost"),
    "to_release": ("released", "picked", "packed", "in_transit", "delivered", "sent_back", "lost"),
    "to_pick": ("picked", "packed", "in_transit", "delivered", "sent_back", "lost"),
    "to_pack": ("packed", "in_transit", "delivered", "sent_back", "lost"),
    "to_hand_over": ("in_transit", "delivered", "sent_back", "lost"),
    "with_carrier": ("delivered",),
}
"""The stages of the units that have left a queue behind."""

_DONE_WORD = {
    "to_source": "allocated",
    "to_release": "released",
    "to_pick": "picked",
    "to_pack": "packed",
    "to_hand_over": "shipped",
    "with_carrier": "delivered",
}


def progress(stage: str, lifecycle: str, units: Mapping[str, int]) -> str:
    """How far an order is, such as "1 of 3 packed"; `units` are the sums of its lines, `ordered` among them."""
    wanted = units["ordered"] - units["cancelled"]
    if lifecycle == "cancelled":
        return "cancelled"
    if stage == "held":
        return f"{wanted} on hold"
    if stage == "backordered":
        return f"{units['backordered']} of {wanted} backordered"
    if stage == "coming_back":
        return f"{units['return_requested'] + units['returning']} of {wanted} coming back"
    if stage == "done":
        return _ended(wanted, units)
    return f"{sum(units[name] for name in _PAST[stage])} of {wanted} {_DONE_WORD[stage]}"


def _ended(wanted: int, units: Mapping[str, int]) -> str:
    told = [
        f"{units[name]} of {wanted} {word}"
        for name, word in (("returned", "returned"), ("sent_back", "sent back"), ("lost", "lost"))
        if units[name]
    ]
    return ", ".join(told) or f"{units['delivered']} of {wanted} delivered"


def search_words(text: str) -> list[str]:
    """The words of a name as they are searched: case folded, without accents, letters and digits only, each once."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(
        " " if not character.isalnum() else character for character in plain if not unicodedata.combining(character)
    )
    return list(dict.fromkeys(word[:WORD_LENGTH_MAX] for word in kept.split()))[:WORDS_MAX]


def after_prefix(prefix: str) -> str:
    """The first text after all that begin with the prefix, by code point: the upper end of a range on COLLATE "C"."""
    return prefix + "\U0010ffff"
