"""What is asked of what comes back."""

from lading.entrypoints.api.questions import Read
from lading.views import queues

READS: list[Read] = [
    Read("/v1/returns", "Returns that await something, the oldest first.", "returns:read", queues.returns,
         queues.ReturnsQuery, queues.ReturnsPage),
    Read("/v1/returns/unmatched", "What came back and no order explains.", "returns:read", queues.unmatched_returns,
         queues.UnmatchedQuery, queues.UnmatchedPage),
]  # fmt: skip
