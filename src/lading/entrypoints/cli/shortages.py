"""`lading shortages resolve`: the plan for open shortages, shown, and carried out if wanted."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

from lading.access.store import Caller
from lading.database.pool import Database
from lading.entrypoints.cli.access import MerchantSlug, choose_merchant, with_database
from lading.entrypoints.resolving import Resolved, carry_out
from lading.entrypoints.service import Service
from lading.kernel.ids import named_id
from lading.views.shortage_plan import ShortagePlan, ShortagePlanQuery, shortage_plan


def resolve(
    *,
    sku: str | None = None,
    location: str | None = None,
    apply: Annotated[bool, Parameter(negative="")] = False,
    merchant: MerchantSlug = None,
) -> int:
    """Show what each order should do about open shortages, with the reason; with --apply do it.

    Parameters
    ----------
    sku
        Only this product.
    location
        Only this place.
    apply
        Carry the plan out. An order that changed meanwhile is left alone.
    """
    plan, resolved = with_database(lambda database: _resolve(database, merchant, sku, location, apply))
    show(plan)
    if resolved is None:
        return 0
    print(f"{resolved.done} commands carried out.")
    for sentence in resolved.refused:
        Console(stderr=True).print(sentence, style="bold red", markup=False, highlight=False)
    return 1 if resolved.refused else 0


async def _resolve(
    database: Database, slug: str | None, sku: str | None, location: str | None, apply: bool
) -> tuple[ShortagePlan, Resolved | None]:
    merchant = await choose_merchant(database, slug)
    async with database.read(merchant.id) as tx:
        plan = await shortage_plan(tx, ShortagePlanQuery(sku=sku, location=location))
    if not apply:
        return plan, None
    caller = Caller(merchant.id, named_id(merchant.id, "cli"), "cli:local", "command line", frozenset("*"))
    return plan, await carry_out(Service(database), caller, plan)


def show(plan: ShortagePlan) -> None:
    """The plan as a table; one line for each thing that happens."""
    if not plan.shelves and not plan.keeps:
        print("Nothing is short.")
        return
    table = Table("place", "product", "who", "units", "instead", "why", box=None, pad_edge=False)
    for shelf in plan.shelves:
        place = f"{shelf.location} {shelf.lot}".strip()
        if shelf.covered:
            table.add_row(
                place, shelf.sku, "free units", str(shelf.covered), "cover", "They make up for what is short."
            )
        if shelf.reserved:
            table.add_row(
                place, shelf.sku, "carts", str(shelf.reserved), "release", "A cart gives way before an order."
            )
        for each in shelf.orders:
            table.add_row(place, shelf.sku, f"order {each.order}", str(each.quantity), each.instead, each.why)
        if shelf.open:
            table.add_row(
                place, shelf.sku, "?", str(shelf.open), "", "Nobody who could give way holds them: look at the place."
            )
    for kept in plan.keeps:
        for claim in kept.claims:
            table.add_row("", kept.sku, f"claim {claim.reservation}", str(claim.quantity), "shorten", claim.why)
        for pool in kept.pools:
            table.add_row("", kept.sku, f"pool {pool.pool}", str(pool.quantity), "", "It keeps what there is.")
    Console().print(table)
