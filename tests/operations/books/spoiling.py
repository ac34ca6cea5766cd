"""What somebody spoils in the books by hand, room by room in the files beside this one: each has a part of `life.live` and its `SPOILS`."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import NamedTuple

ORDER = "(SELECT id FROM orders WHERE external_reference = 'W-1')"
EDITED = "(SELECT id FROM orders WHERE external_reference = 'W-E')"
LINE_1 = f"order_id = {ORDER} AND number = 1"


class Spoil(NamedTuple):
    """What somebody did by hand, the check that finds it and how its sentence begins."""

    check: str
    says: str
    statement: str


def read_all() -> list[Spoil]:
    """What every file beside this one spoils."""
    rooms = [import_module(f"{__package__}.{file.stem}") for file in sorted(Path(__file__).parent.glob("*.py"))]
    return [spoil for room in rooms for spoil in getattr(room, "SPOILS", [])]
