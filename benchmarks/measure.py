"""Processor time and memory of the processes of an installation, and medians of interleaved runs."""

import os
import platform
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field

import psutil

DATABASE, WEB, WORKER, SUPERVISOR, OTHER = "database", "web", "worker", "supervisor", "other"
ROLES = (SUPERVISOR, WEB, WORKER, DATABASE, OTHER)

Roles = dict[str, list[psutil.Process]]


@dataclass(frozen=True)
class Watched:
    """The processes to look at: a supervisor with all below it, and a database server with its backends."""

    postmaster_pid: int | None
    supervisor_pid: int | None = None
    port: int | None = None
    """Whoever listens here, below the supervisor, is a web process."""


@dataclass(frozen=True)
class Sample:
    """One measured run."""

    per_second: float
    cpu_us: dict[str, float] = field(default_factory=dict)
    """Processor microseconds per unit of work, by role."""
    p50_ms: float | None = None
    p99_ms: float | None = None


@dataclass(frozen=True)
class Memory:
    """Bytes of the processes of one role together."""

    processes: int
    resident_bytes: int
    proportional_bytes: int | None
    """Shared pages divided among their users (PSS); None where the system does not tell."""


def processes_by_role(watched: Watched) -> Roles:
    """Who is who now. A role without processes is missing."""
    roles: Roles = {}
    server = _tree(watched.postmaster_pid)
    for process in server:
        roles.setdefault(DATABASE, []).append(process)
    known = {process.pid for process in server}
    for process in _tree(watched.supervisor_pid):
        if process.pid not in known:
            roles.setdefault(_role(process, watched), []).append(process)
    return roles


def _tree(pid: int | None) -> list[psutil.Process]:
    if pid is None or not psutil.pid_exists(pid):
        return []
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def _role(process: psutil.Process, watched: Watched) -> str:
    if process.pid == watched.supervisor_pid:
        return SUPERVISOR
    try:
        words = " ".join(process.cmdline())
        listens = any(
            c.laddr and c.laddr.port == watched.port and c.status == psutil.CONN_LISTEN
            for c in process.net_connections("inet")
        )
    except psutil.Error:
        return OTHER
    if listens:
        return WEB
    if "resource_tracker" in words or "python" not in words.lower():
        return OTHER
    return WORKER


def cpu_seconds(roles: Roles) -> dict[str, float]:
    """Processor seconds that each role has used so far.

    A database backend that has ended is counted in its parent, which waited for it, so that none is lost.
    """
    return {
        role: sum(_cpu(process, with_ended=role == DATABASE) for process in processes)
        for role, processes in roles.items()
    }


def _cpu(process: psutil.Process, *, with_ended: bool) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    own = times.user + times.system
    return float(own + times.children_user + times.children_system if with_ended else own)


def with_cpu(watched: Watched, work: Callable[[], float]) -> tuple[float, dict[str, float]]:
    """Run `work`, which returns how many units it did; returns that and the microseconds per unit, by role."""
    before = cpu_seconds(processes_by_role(watched))
    units = work()
    after = cpu_seconds(processes_by_role(watched))
    return units, {role: (used - before.get(role, 0.0)) * 1e6 / units if units else 0.0 for role, used in after.items()}


def memory_by_role(watched: Watched) -> dict[str, Memory]:
    """What each role holds now."""
    return {role: _memory(processes) for role, processes in processes_by_role(watched).items()}


def _memory(processes: list[psutil.Process]) -> Memory:
    resident, proportional = 0, 0
    told = True
    for process in processes:
        try:
            resident += process.memory_info().rss
            pss = getattr(process.memory_full_info(), "pss", None)
        except psutil.Error:
            pss = None
        told = told and pss is not None
        proportional += pss or 0
    return Memory(len(processes), resident, proportional if told else None)


def interleave(rounds: int, first: Callable[[], Sample], second: Callable[[], Sample]) -> tuple[Sample, Sample]:
    """The two take turns, so that a noisy minute of the machine meets both; each is then summed up by its medians."""
    firsts, seconds = [], []
    for _ in range(rounds):
        firsts.append(first())
        seconds.append(second())
    return median_of(firsts), median_of(seconds)


def median_of(samples: list[Sample]) -> Sample:
    """The median of every figure by itself; roles and percentiles that a sample lacks are left out."""
    roles = {role for sample in samples for role in sample.cpu_us}
    return Sample(
        per_second=statistics.median(sample.per_second for sample in samples),
        cpu_us={role: statistics.median(sample.cpu_us.get(role, 0.0) for sample in samples) for role in sorted(roles)},
        p50_ms=_median([sample.p50_ms for sample in samples]),
        p99_ms=_median([sample.p99_ms for sample in samples]),
    )


def _median(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def machine() -> dict[str, str | int | float]:
    """What the figures were measured on."""
    load_1, load_5, _ = os.getloadavg()
    return {
        "cores": os.cpu_count() or 0,
        "cores_used": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 0,
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "load_1": round(load_1, 2),
        "load_5": round(load_5, 2),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }
