"""Products."""

from __future__ import annotations

from tests.operations.books.spoiling import Spoil

SPOILS = [
    Spoil("catalog", "A of the catalog: active is False", "UPDATE sku SET active = false WHERE code = 'A'"),
    Spoil("catalog", "HAM of the catalog: priority is 7", "UPDATE location SET priority = 7 WHERE code = 'HAM'"),
    Spoil("catalog", "L of the catalog: tracking is serial", "UPDATE sku SET tracking = 'serial' WHERE code = 'L'"),
    Spoil("catalog", "VASE of the catalog: fragile is False", "UPDATE sku SET fragile = false WHERE code = 'VASE'"),
]
