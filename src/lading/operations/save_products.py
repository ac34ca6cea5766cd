"""Save products: new by their SKU code, otherwise changed; a code may be renamed, the id stays."""

from dataclasses import dataclass
from uuid import UUID

from msgspec import UNSET, Struct
from stdnum import ean

from lading.catalog import attribute_store
from lading.catalog import store as catalog
from lading.catalog.attributes import Schema, SkuValue
from lading.catalog.commands import SaveProduct
from lading.catalog.types import ProductRow
from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations import attributing
from lading.operations.registry import Batch, Verb
from lading.terms.ledger import Event

HANDLING = ("upright", "fragile", "keep_apart", "hs_code", "origin", "tax_category")
"""What stays as it is where a command leaves it out."""

WRONG_GTIN = ("wrong_gtin", "{gtin} is no GTIN: its check digit does not fit.")
UNKNOWN_SKU = ("unknown_sku", "There is no product {sku} to rename.")
CODE_TAKEN = ("code_taken", "{sku} is another product's code already.")

TRACKING_FIXED = (
    "tracking_fixed",
    "There were units of {sku} already: its tracking stays {tracking}. A new product can have another one.",
)


class ProductSaved(Struct, frozen=True):
    """The product as it is now."""

    sku_id: UUID
    sku: str
    version: int


@dataclass(slots=True)
class Products:
    """By code, and the ids of those of which there are, or were, units."""

    by_code: dict[str, ProductRow]
    moved: set[UUID]
    schema: Schema
    """What can be said of products."""


async def prefetch(tx: Transaction, batch: Batch) -> Products:
    """The products of all codes that the batch names; where it says how units are told apart, whether there are any."""
    commands: list[SaveProduct] = batch.commands
    codes = [code for command in commands for code in (command.sku, command.rename_to) if code]
    rows = await catalog.read_products(tx, codes, lock=batch.lock)
    changing = any(command.tracking for command in commands)
    moved = await catalog.skus_with_units(tx, (row.id for row in rows.values())) if changing else set()
    return Products(rows, moved, await attribute_store.attributes_of(tx, "product"))


def decide(products: Products, batch: Batch) -> list[Decision]:
    """In order of arrival; a product saved twice in a batch gets two versions."""
    return [_refuse(envelope.command, products) or _save(envelope, products, batch) for envelope in batch.envelopes]


def _refuse(command: SaveProduct, known: Products) -> Decision | None:
    products = known.by_code
    if command.gtin and (len(command.gtin) not in (8, 12, 13, 14) or not ean.is_valid(command.gtin)):
        return refused(WRONG_GTIN, "/gtin", gtin=command.gtin)
    if command.rename_to and command.rename_to != command.sku:
        if command.sku not in products:
            return refused(UNKNOWN_SKU, "/sku", sku=command.sku)
        if command.rename_to in products:
            return refused(CODE_TAKEN, "/rename_to", sku=command.rename_to)
    row = products.get(command.sku)
    if row and command.tracking not in (None, row.tracking) and row.id in known.moved:
        return refused(TRACKING_FIXED, "/tracking", sku=command.sku, tracking=row.tracking)
    return attributing.refuse(known.schema, "product", command.attributes, "/attributes", whole=row is None)


def _save(envelope: Envelope[SaveProduct], known_products: Products, batch: Batch) -> Decision:
    command, products = envelope.command, known_products.by_code
    known = products.pop(command.sku, None)
    row = known or ProductRow(envelope.fresh_id, command.sku, "", None, None, None, None, None, True, 0)
    row.code = command.rename_to or command.sku
    for name in ("name", "gtin", "weight_grams", "length_mm", "width_mm", "height_mm", "active"):
        setattr(row, name, getattr(command, name))
    row.tracking = command.tracking or row.tracking
    for name in HANDLING:
        if (told := getattr(command, name)) is not UNSET:
            setattr(row, name, told)
    row.version += 1
    products[row.code] = row
    data = {
        "sku": row.code, "name": row.name, "gtin": row.gtin, "weight_grams": row.weight_grams, "length_mm": row.length_mm,
        "width_mm": row.width_mm, "height_mm": row.height_mm, "active": row.active, "version": row.version, "tracking": row.tracking,
        "renamed_from": command.sku if row.code != command.sku else None, **{name: getattr(row, name) for name in HANDLING},
    }  # fmt: skip
    said = attributing.said(known_products.schema, "product", row.id, 0, command.attributes)
    if said:
        data["attributes"] = attributing.told(said)
    event = Event("product_saved", "sku", row.id, batch.now, data)
    rows: list[object] = [row, *(SkuValue(row.id, each.code, each.value) for each in said)]
    return Decision(ProductSaved(row.id, row.code, row.version), event, rows=rows)


VERB = Verb(
    noun="products",
    verb="save",
    summary="Create a product by its SKU code, or change or rename it.",
    command=SaveProduct,
    outcome=ProductSaved,
    refusals=(WRONG_GTIN, UNKNOWN_SKU, CODE_TAKEN, TRACKING_FIXED, *attributing.REFUSALS),
    scope="products:write",
    event="product_saved",
    example={"sku": "MUG-BLUE", "name": "Mug, blue", "gtin": "4006381333931", "weight_grams": 350},
    prefetch=prefetch,
    decide=decide,
)
