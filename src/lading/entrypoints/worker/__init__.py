"""The process beside the web processes: readers of the feed, and what is timed."""
