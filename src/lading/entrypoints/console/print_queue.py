"""The print queue: what waits at which station, what failed and why; printed once more, or dropped."""

from typing import Final

from starlette.responses import Response

from lading.entrypoints.console import listing
from lading.entrypoints.console.context import Context, NotThere, form_id
from lading.entrypoints.console.words import N_
from lading.views import print_jobs as views

STATES: Final = {
    "waiting": N_("waits"),
    "claimed": N_("is being printed"),
    "printed": N_("printed"),
    "failed": N_("failed"),
    "dropped": N_("dropped"),
}
PAPERS: Final = {
    "pick-list": N_("Pick list"),
    "packing-slip": N_("Packing slip"),
    "label": N_("Label"),
    "return-slip": N_("Return slip"),
    "invoice": N_("Invoice"),
    "manifest": N_("Manifest"),
    "commercial-invoice": N_("Commercial invoice"),
    "cn22": "CN22",
    "cn23": "CN23",
}
SAID: Final = {"drop": N_("It is not printed any more."), "reprint": N_("It is printed once more.")}


async def show(context: Context) -> Response:
    """Papers, the newest first."""
    asked = {name: context.query(name) for name in ("station", "status")}
    shown = await listing.find(context, views.print_jobs, views.PrintJobsQuery, asked)
    return context.render("print_jobs.html", **shown, states=STATES, papers=PAPERS, once=form_id())


async def act(context: Context) -> Response:
    """Drop one, or print it once more."""
    verb = str(context.request.path_params["verb"])
    if verb not in SAID:
        raise NotThere
    answer = await context.submit(f"print-jobs.{verb}", {"job": context.sent("job")})
    return context.go("/print-jobs", context._(SAID[verb]) if answer.accepted else context.why_not(answer))
