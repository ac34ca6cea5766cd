"""The queue of holds: what waits for somebody's decision, and lifting many at once."""

from typing import Any
from urllib.parse import urlencode

import msgspec
from starlette.responses import Response

from lading.entrypoints.console.context import Context, NotThere, form_id, safe_next
from lading.entrypoints.console.steps import HOLD_KINDS
from lading.entrypoints.console.words import HOLD_STOPS
from lading.orders.checks import KINDS
from lading.views.holds import HoldsQuery
from lading.views.holds import holds as read_holds

VERB = "holds.release"
HOLDS_MAX = 200
_FILTERS = ("kind", "stops")


async def show(context: Context) -> Response:
    """Holds that stand, the longest waiting first."""
    asked = {name: value for name in _FILTERS if (value := context.query(name))}
    raw: dict[str, Any] = {**asked, "limit": HOLDS_MAX}
    if after := context.query("after"):
        raw["after"] = after
    async with context.database.read(context.merchant.id) as tx:
        try:
            page = await read_holds(tx, msgspec.convert(raw, HoldsQuery))
        except ValueError as error:
            raise NotThere from error
    kinds = sorted({*KINDS, *(name for name, _ in HOLD_KINDS), *(hold.kind for hold in page.items)})
    return context.render(
        "holds.html",
        page=page,
        kinds=kinds,
        stops=HOLD_STOPS,
        asked={name: asked.get(name, "") for name in _FILTERS},
        here=_address(asked),
        more=_address(asked, page.next) if page.next else "",
        is_later=bool(after),
        once=form_id(),
        now=context.now,
    )


def _address(asked: dict[str, str], after: str = "") -> str:
    values = {**asked, **({"after": after} if after else {})}
    return "/queues/held" + (f"?{urlencode(values)}" if values else "")


async def lift(context: Context) -> Response:
    """Lift all that are ticked; what was refused is said order by order."""
    if not context.may_do(VERB):
        raise NotThere
    ticked = [text.partition("/") for text in context.form.getlist("hold") if isinstance(text, str)][:HOLDS_MAX]
    payloads = [
        {"order": order, "number": int(number)}
        for order, _, number in ticked
        if order.isdecimal() and number.isdecimal() and 0 < int(number[:6]) <= 32_000
    ]
    answers = await context.submit_all(VERB, payloads) if payloads else []
    refused = [
        (payload["order"], context.why_not(answer))
        for payload, answer in zip(payloads, answers, strict=True) if not answer.accepted
    ]  # fmt: skip
    done = len(payloads) - len(refused)
    said = context._("Holds lifted: %(done)s of %(all)s.", done=done, all=len(payloads))
    back = safe_next(context.sent("back") or "/queues/held")
    if not refused:
        return context.go(back, said)
    return context.render("bulk.html", said=said, refused=refused, back=back, done=done)
