"""One action on many orders."""

from typing import Any

from starlette.responses import Response

from lading.entrypoints.console import steps
from lading.entrypoints.console.context import Context, NotThere, safe_next
from lading.entrypoints.console.words import N_

ORDERS_MAX = 200
TAG = "orders.tag"


async def run(context: Context) -> Response:
    """Do it to all that are ticked; what was refused is said order by order."""
    verb = context.sent("verb")
    tagging = verb == TAG
    if (verb not in steps.BULK and not tagging) or not context.may_do(verb):
        raise NotThere
    numbers = [number for number in context.form.getlist("order") if isinstance(number, str) and number.isdecimal()][
        :ORDERS_MAX
    ]
    more = {"add": [context.sent("tag")]} if tagging else {}
    if tagging and not context.sent("tag"):
        return context.go(safe_next(context.sent("back") or "/orders"), context._("Say which tag."))
    payloads: list[dict[str, Any]] = [{"order": number, **more} for number in numbers]
    answers = await context.submit_all(verb, payloads) if payloads else []
    refused = [
        (number, context.why_not(answer))
        for number, answer in zip(numbers, answers, strict=True) if not answer.accepted
    ]  # fmt: skip
    word = context._(N_("Tags") if tagging else steps.BULK[verb][0])
    said = context._(
        "%(word)s: %(done)s of %(all)s done.", word=word, done=len(numbers) - len(refused), all=len(numbers)
    )
    back = safe_next(context.sent("back") or "/orders")
    if not refused:
        return context.go(back, said)
    return context.render("bulk.html", said=said, refused=refused, back=back, done=len(numbers) - len(refused))
