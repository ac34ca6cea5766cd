"""API keys: made, shown once, revoked."""

from starlette.responses import Response

from lading.access import store as access
from lading.entrypoints.console import forms
from lading.entrypoints.console.context import Context, NotAllowed, NotThere
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.forms import Simple
from lading.entrypoints.console.words import N_
from lading.operations.registry import verbs

SCOPE = "keys:write"
PRESETS = (("*", N_("everything")), ("*:read", N_("reading only")), ("some", N_("only what is named below")))


async def show(context: Context) -> Response:
    """All keys, the revoked ones too."""
    context.need(SCOPE)
    async with context.database.read(context.merchant.id) as tx:
        rows = await tx.fetch(access.sql.list_keys)
    return context.render("keys.html", keys=list(reversed(rows)), made="")


def all_scopes() -> list[str]:
    """What a key may be limited to."""
    writing = {verb.scope for verb in verbs().values()}
    reading = {scope.partition(":")[0] + ":read" for scope in writing}
    return sorted(writing | reading | {"events:read", "metrics:read"})


def _form(context: Context) -> Simple:
    fields = [
        Field(
            "name",
            context._("Name"),
            required=True,
            hint=context._("Who uses it: the shop, the warehouse's scanner ..."),
        ),
        Field("may", context._("It may do"), "select", [(name, context._(word)) for name, word in PRESETS]),
        Field("scopes", context._("Scopes, separated by commas"), wide=True, hint=", ".join(all_scopes())),
    ]
    return Simple(context._("New API key"), "/keys/new", fields, context._("Make key"), "/keys", icon="key")


async def show_form(context: Context) -> Response:
    """The form for a new key."""
    context.need(SCOPE)
    return forms.show(context, _form(context))


async def make(context: Context) -> Response:
    """Make it and show it, this once."""
    context.need(SCOPE)
    form = _form(context)
    form.fields = forms.filled(context, form.fields)
    name, preset = context.sent("name"), context.sent("may")
    scopes = (
        [scope.strip() for scope in context.sent("scopes").split(",") if scope.strip()]
        if preset == "some"
        else [preset]
    )
    if not name or len(name) > 300:
        return forms.show(context, form, context._("Give the key a name."))
    unknown = [scope for scope in scopes if scope not in {"*", "*:read", *all_scopes()}]
    if unknown or not scopes:
        return forms.show(
            context,
            form,
            context._("There is no scope %(scope)s.", scope=", ".join(unknown))
            if unknown
            else context._("Name a scope."),
        )
    if beyond := [scope for scope in scopes if "*" not in context.caller.scopes and not context.caller.may(scope)]:
        raise NotAllowed(beyond[0])
    key = await access.create_key(context.database, context.merchant.id, name, scopes)
    return context.render("part_key.html" if context.by_htmx else "key.html", key=key, name=name)


async def show_revoke(context: Context) -> Response:
    """Asks once more."""
    context.need(SCOPE)
    prefix = context.request.path_params["prefix"]
    note = context._("Whatever uses this key is locked out within ten seconds. This cannot be undone.")
    return forms.show(context, Simple(
        f"{context._('Revoke key')} {prefix}", f"/keys/{prefix}/revoke", [], context._("Revoke"), "/keys", note, "trash"
    ))  # fmt: skip


async def revoke(context: Context) -> Response:
    """Revoke it."""
    context.need(SCOPE)
    prefix = context.request.path_params["prefix"]
    if not await access.revoke_key(context.database, context.merchant.id, prefix):
        raise NotThere
    return context.go("/keys", context._("The key %(prefix)s is revoked.", prefix=prefix))
