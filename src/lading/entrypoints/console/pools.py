"""Pools of a product: what is kept for channels, and how many they may have."""

from typing import Final
from urllib.parse import quote

from starlette.responses import Response

from lading.entrypoints.console import forms
from lading.entrypoints.console.context import Context, NotThere
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.forms import Simple
from lading.entrypoints.console.words import N_
from lading.views import NotFound
from lading.views import pools as views
from lading.views.names import read_names
from lading.views.network import GroupsQuery, location_groups

KINDS: Final = (
    ("shared", N_("shared: kept for them; beyond it they sell what all sell")),
    ("exclusive", N_("exclusive: kept for them, and they sell no others")),
    ("capped", N_("capped: nothing is kept, they sell so many at most")),
)
_AT_MOST = 200


async def show_form(context: Context) -> Response:
    """A new pool of a product, or one that there is."""
    context.need("stock:write")
    return forms.show(context, await _form(context, context.query("sku"), context.query("pool")))


async def save(context: Context) -> Response:
    """Set it."""
    form = await _form(context, context.sent("sku"), context.sent("_known"))
    payload = forms.payload_of(context, form.fields)
    said = context._("%(pool)s keeps %(count)s.", pool=payload.get("pool", ""), count=payload.get("quantity", ""))
    return await forms.submit(context, "pools.set", form, payload, form.back, said)


async def show_remove(context: Context) -> Response:
    """The question before a pool goes."""
    context.need("stock:write")
    found = await _find(context, context.query("sku"), context.query("pool"))
    return forms.show(context, _remove_form(context, found))


async def remove(context: Context) -> Response:
    """Remove it."""
    found = await _find(context, context.sent("sku"), context.sent("pool"))
    form, payload = _remove_form(context, found), {"sku": found.sku, "pool": found.pool}
    return await forms.submit(
        context, "pools.remove", form, payload, form.back, context._("%(pool)s is gone.", pool=found.pool)
    )


async def _find(context: Context, sku: str, pool: str) -> views.PoolOfSku:
    """Raises NotThere."""
    async with context.database.read(context.merchant.id) as tx:
        try:
            page = await views.pools(tx, views.PoolsQuery(sku=sku, limit=_AT_MOST))
        except NotFound as error:
            raise NotThere from error
    found = next((each for each in page.items if each.pool == pool), None)
    if found is None:
        raise NotThere
    return found


async def _form(context: Context, sku: str, pool: str) -> Simple:
    found = await _find(context, sku, pool) if pool else None
    async with context.database.read(context.merchant.id) as tx:
        names = await read_names(tx)
        groups = (await location_groups(tx, GroupsQuery())).items
    fields = [
        Field("sku", context._("SKU"), "sku", required=True, value=sku, fixed=bool(sku)),
        Field("pool", context._("Code of the pool"), required=True, value=pool, fixed=found is not None),
        Field("kind", context._("What it does"), "select", [(name, context._(word)) for name, word in KINDS], wide=True,
              value=found.kind if found else ""),
        Field("channels", context._("Channels"), "checks", sorted(names.channels.values()), required=True, wide=True,
              value="\n".join(found.channels) if found else ""),
        Field("quantity", context._("Units"), "number", required=True, value=str(found.quantity) if found else "",
              hint=context._("In all; what orders of these channels hold counts.")),
        Field("group", context._("Only at"), "select",
              [("", context._("all locations")), *((each.code, each.name) for each in groups)],
              value=(found.group or "") if found else ""),
    ]  # fmt: skip
    return Simple(
        context._("Pool %(pool)s of %(sku)s", pool=pool, sku=sku) if found else context._("New pool"),
        "/stock/pools/edit",
        fields,
        context._("Save"),
        _back(sku),
        context._("Nothing moves: it counts whenever something is promised."),
        "device-floppy",
        hidden={"_known": pool},
    )


def _remove_form(context: Context, found: views.PoolOfSku) -> Simple:
    return Simple(
        context._("Remove pool %(pool)s of %(sku)s", pool=found.pool, sku=found.sku),
        "/stock/pools/remove",
        (),
        context._("Remove"),
        _back(found.sku),
        context._("What it kept or capped is anybody's again. Orders keep what they hold."),
        "trash",
        hidden={"sku": found.sku, "pool": found.pool},
    )


def _back(sku: str) -> str:
    return f"/stock/of/{quote(sku)}" if sku else "/stock"
