"""Commands and outcomes, events, postings, positions, the feed: what explains everything else."""
