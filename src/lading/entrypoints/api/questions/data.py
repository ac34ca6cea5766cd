"""What is asked of the journal."""

from lading.entrypoints.api.questions import Read
from lading.views import events, timeline

READS: list[Read] = [
    Read("/v1/events/{position}", "One event of the journal with its sentence.", "events:read", events.event,
         events.EventQuery, timeline.Entry, {"position": 4711}),
]  # fmt: skip
