"""`lading`: one table of commands, loaded only when they are called; sentences instead of tracebacks.

Exit codes: 0 done, 1 refused or failed (with the sentence on stderr), 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from typing import Final

import cyclopts
from rich.console import Console

from lading.entrypoints.cli.groups import NOUNS, Groups, about, group
from lading.kernel import collector
from lading.logs import configure_logs
from lading.operations import registry

COMMANDS: Final = {
    "up": ("lading.entrypoints.cli.up:up", "Run Lading: database, pages and API, worker."),
    "migrate": ("lading.entrypoints.cli.migrate:migrate", "Bring the database's schema up to this version."),
    "doctor": ("lading.entrypoints.cli.doctor:doctor", "Look for what is wrong with this installation."),
    "audit": ("lading.entrypoints.cli.audit:audit", "Rebuild every counter from the journal and print what differs."),
    "backup": ("lading.entrypoints.cli.backup:backup", "Write database and files into one archive."),
    "restore": ("lading.entrypoints.cli.backup:restore", "Fill an empty installation from an archive."),
    "payment-twin": ("lading.entrypoints.cli.payment_twin:payment_twin", "Run a twin of Stripe, for trials."),
    "tax-twin": ("lading.entrypoints.cli.tax_twin:tax_twin", "Run a twin of AvaTax, for trials."),
    "print": (
        "lading.entrypoints.cli.print_station:print_station",
        "Run a print station: print what is queued for it.",
    ),
    "config": ("lading.entrypoints.cli.config:config", "Show every setting and where it came from."),
    "bench": ("lading.entrypoints.cli.bench:benches", "Measure what computes, on published instances."),
    "merchants": ("lading.entrypoints.cli.access:merchants", "Merchants of this installation."),
    "keys": ("lading.entrypoints.cli.access:keys", "API keys of a merchant."),
    "logins": ("lading.entrypoints.cli.access:logins", "People who may log in to the console."),
    "import": ("lading.entrypoints.cli.import_:imports", "Load files of other systems."),
    "export": ("lading.entrypoints.cli.exports:exports", "Whole tables for other programs."),
    "documents": (
        "lading.entrypoints.cli.papers:documents",
        "Papers: pick lists, slips, labels, invoices, customs.",
    ),
}
"""Name -> (function or group, one line of help); a function's signature and docstring are its options and help."""

BESIDE: Final = {
    ("layouts", "import"): "lading.entrypoints.cli.layouts:import_layout",
    ("payments", "reconcile"): "lading.entrypoints.cli.settlement:reconcile",
    ("postal-codes", "import"): "lading.entrypoints.cli.postal_codes:import_file",
    ("replenishment", "count"): "lading.entrypoints.cli.replenishment:count",
    ("shortages", "resolve"): "lading.entrypoints.cli.shortages:resolve",
    ("stock-feeds", "load"): "lading.entrypoints.cli.stock_feeds:load",
}
"""(noun, name) -> function, beside the verbs and questions of the noun."""

FROM_TABLES: Final = [noun for nouns in NOUNS.values() for noun in nouns if noun not in COMMANDS]
"""The nouns whose commands are made from verbs and questions."""


@cache
def build() -> cyclopts.App:
    """The whole command line; made once in a process."""
    groups: Groups = {}
    for noun in sorted(FROM_TABLES):
        _add_noun(groups, noun)
    return _app(groups)


@cache
def build_for(noun: str, name: str) -> cyclopts.App:
    """As much of it as these words need: one command, a noun with its commands, or all nouns without theirs."""
    groups: Groups = {}
    if noun not in FROM_TABLES:
        for each in FROM_TABLES:
            group(groups, each)
    elif not _add_command(groups, noun, name):
        _add_noun(groups, noun)
    return _app(groups)


def _add_command(groups: Groups, noun: str, name: str) -> bool:
    """Whether there is one of that name."""
    if (noun, name) in BESIDE:
        group(groups, noun).command(BESIDE[noun, name], name=name)
    elif verb := registry.verbs().get(f"{noun}.{name}"):
        from lading.entrypoints.cli import verbs

        verbs.add(groups, verb)
    else:
        from lading.entrypoints.cli import reads

        if read := reads.find(noun, name):
            reads.add(groups, read)
    return noun in groups


def _add_noun(groups: Groups, noun: str) -> None:
    from lading.entrypoints.cli import reads, verbs

    for verb in registry.verbs().of(noun):
        verbs.add(groups, verb)
    for read in reads.of(noun):
        reads.add(groups, read)
    for _, name in (beside for beside in BESIDE if beside[0] == noun):
        group(groups, noun).command(BESIDE[noun, name], name=name)


def _app(groups: Groups) -> cyclopts.App:
    app = cyclopts.App(
        name="lading",
        help="Order management: from the click to the doorstep and back.",
        version=_version,
        help_format="plaintext",
        result_action="return_value",
    )
    for name, (target, help_line) in COMMANDS.items():
        app.command(target, name=name, help=help_line, group=about(name)[0])
    for each in groups.values():
        app.command(each)
    return app


def _version() -> str:
    from importlib.metadata import version

    return version("lading")


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    try:
        with collector.uncollected():  # thousands of types are made, and none goes away
            app = build_for(*[*arguments, "", ""][:2])
            app.parse_commands(arguments)  # loads what was asked for
        result = app(arguments, exit_on_error=False, print_error=True)
    except cyclopts.CycloptsError:
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 1
    except Exception as error:
        from lading.entrypoints.cli.errors import sentence

        said = sentence(error)
        if said is None:
            raise
        Console(stderr=True).print(said, style="bold red", markup=False, highlight=False, soft_wrap=True)
        return 1
    return result if isinstance(result, int) else 0


def main() -> None:
    """The entry point of the `lading` program: what is printed is the answer, warnings go to stderr."""
    configure_logs("warning", "cli")
    code = run(sys.argv[1:])
    collector.leave()
    sys.exit(code)
