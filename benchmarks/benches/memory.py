"""What the processes hold after the benches before it."""

from benchmarks import measure
from benchmarks.report import Figure
from benchmarks.run import Run

MEBIBYTE = 2**20


def memory(run: Run) -> list[Figure]:
    """Of the installation that is up, after its load; of a fresh one after a short load where none is up."""
    if run.current is None:
        run.fresh()
        run.warm_up(clients=64)
    figures = []
    for role, held in measure.memory_by_role(run.need_current().watched).items():
        proportional = "unknown" if held.proportional_bytes is None else round(held.proportional_bytes / MEBIBYTE, 1)
        figures.append(
            Figure(
                f"memory_{role}",
                held.resident_bytes / MEBIBYTE,
                "MiB resident",
                details={"proportional_mib": proportional, "processes": held.processes},
            )
        )
    return figures
