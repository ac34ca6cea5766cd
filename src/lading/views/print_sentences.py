"""The sentences of events about papers."""

from collections.abc import Callable, Mapping

from lading.views.names import Names
from lading.views.phrases import Data, listed


def added(data: Data, names: Names) -> str:
    """Label of 1042-P1 asked for at PACK-1."""
    again = " once more" if data.get("sha256") else ""
    return f"{_paper(data)} asked for{again} at {data['station']}."


def claimed(data: Data, names: Names) -> str:
    """PACK-1 took ..."""
    told = (
        [f"{data['station']} took {listed([_paper(each).lower() for each in data['jobs']])}."] if data["jobs"] else []
    )
    if data.get("given_up"):
        told.append(f"Given up: {listed([_paper(each).lower() for each in data['given_up']])}.")
    return " ".join(told)


def ended(what: str) -> Callable[[Data, Names], str]:
    """Label of 1042-P1 was printed at PACK-1."""
    return lambda data, names: f"{_paper(data)} {what} at {data['station']}."


def _paper(data: Data) -> str:
    kind = data["kind"].replace("-", " ")
    return f"{kind[:1].upper()}{kind[1:]} of {data['of']}"


PRINTED: Mapping[str, Callable[[Data, Names], str]] = {
    "print_job_added": added,
    "print_jobs_claimed": claimed,
    "print_job_finished": ended("was printed"),
    "print_job_failed": ended("could not be printed"),
    "print_job_dropped": ended("is not wanted any more"),
}
"""By kind of event."""
