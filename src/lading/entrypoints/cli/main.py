"""`lading`: one table of commands, loaded only when they are called; sentences instead of tracebacks.

Exit codes: 0 done, 1 refused or failed (with the sentence on stderr), 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from typing import Final

import cyclopts
from rich.console import Console

from lading.entrypoints.cli.errors import sentence
from lading.kernel import collector
from lading.logs import configure_logs

COMMANDS: Final = {
    "up": ("lading.entrypoints.cli.up:up", "Run Lading: database, pages and API, worker."),
    "migrate": ("lading.entrypoints.cli.migrate:migrate", "Bring the database's schema up to this version."),
    "doctor": ("lading.entrypoints.cli.doctor:doctor", "Look for what is wrong with this installation."),
    "audit": ("lading.entrypoints.cli.audit:audit", "Rebuild every counter from the journal and print what differs."),
    "backup": ("lading.entrypoints.cli.backup:backup", "Write database and files into one archive."),
    "restore": ("lading.entrypoints.cli.backup:restore", "Fill an empty installation from an archive."),
    "payment-twin": ("lading.entrypoints.cli.payment_twin:payment_twin", "Run a twin of Stripe, for trials."),
    "print": (
        "lading.entrypoints.cli.print_station:print_station",
        "Run a print station: print what is queued for it.",
    ),
    "config": ("lading.entrypoints.cli.config:config", "Show every setting and where it came from."),
}
"""Name -> (function, one line of help); the function's signature and docstring are the command's options and help."""


@cache
def build() -> cyclopts.App:
    """The whole command line; made once in a process."""
    from lading.entrypoints.cli import (
        access,
        bench,
        exports,
        import_,
        layouts,
        papers,
        postal_codes,
        reads,
        replenishment,
        settlement,
        shortages,
        stock_feeds,
        verbs,
    )

    app = cyclopts.App(
        name="lading",
        help="Order management: from the click to the doorstep and back.",
        version=version("lading"),
        result_action="return_value",
    )
    for name, (function, help_line) in COMMANDS.items():
        app.command(function, name=name, help=help_line)
    nouns = verbs.nouns()
    reads.add_to(nouns)
    stock_feeds.add_to(nouns)
    layouts.add_to(nouns)
    replenishment.add_to(nouns)
    shortages.add_to(nouns)
    settlement.add_to(nouns)
    postal_codes.add_to(nouns)
    for group in (
        bench.benches,
        access.merchants,
        access.keys,
        access.logins,
        import_.imports,
        exports.exports,
        papers.documents,
        *nouns.values(),
    ):
        app.command(group)
    return app


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    try:
        with collector.uncollected():  # thousands of types are made, and none goes away
            app = build()
        result = app(arguments, exit_on_error=False, print_error=True)
    except cyclopts.CycloptsError:
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 1
    except Exception as error:
        said = sentence(error)
        if said is None:
            raise
        Console(stderr=True).print(said, style="bold red", markup=False, highlight=False, soft_wrap=True)
        return 1
    return result if isinstance(result, int) else 0


def main() -> None:
    """The entry point of the `lading` program: what is printed is the answer, warnings go to stderr."""
    configure_logs("warning", "cli")
    sys.exit(run(sys.argv[1:]))
