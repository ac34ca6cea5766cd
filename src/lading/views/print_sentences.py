"""The sentences of events about papers."""

from collections.abc import Callable, Mapping

from lading.views.names import Names
from lading.views.phrases import Data, listed, noted, say


def added(data: Data, names: Names) -> str:
    """Label of 1042-P1 asked for at PACK-1."""
    again = say(" once more") if data.get("sha256") else ""
    return say("%(paper)s asked for%(again)s at %(station)s.", paper=_paper(data), again=again, station=data["station"])


def claimed(data: Data, names: Names) -> str:
    """PACK-1 took ..."""
    told = (
        [
            say(
                "%(station)s took %(list)s.",
                station=data["station"],
                list=listed([_paper(each).lower() for each in data["jobs"]]),
            )
        ]
        if data["jobs"]
        else []
    )
    if data.get("given_up"):
        told.append(say("Given up: %(list)s.", list=listed([_paper(each).lower() for each in data["given_up"]])))
    return " ".join(told)


def ended(what: str) -> Callable[[Data, Names], str]:
    """Label of 1042-P1 was printed at PACK-1."""
    return lambda data, names: say(
        "%(paper)s %(what)s at %(station)s.", paper=_paper(data), what=say(what), station=data["station"]
    )


def _paper(data: Data) -> str:
    kind = data["kind"].replace("-", " ")
    return say("%(paper)s of %(of)s", paper=kind[:1].upper() + kind[1:], of=data["of"])


PRINTED: Mapping[str, Callable[[Data, Names], str]] = {
    "print_job_added": added,
    "print_jobs_claimed": claimed,
    "print_job_finished": ended(noted("was printed")),
    "print_job_failed": ended(noted("could not be printed")),
    "print_job_dropped": ended(noted("is not wanted any more")),
}
"""By kind of event."""
