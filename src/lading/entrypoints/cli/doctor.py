"""`lading doctor`."""

from __future__ import annotations

import os
from typing import Annotated, Final

import msgspec
from cyclopts import Parameter
from rich import box
from rich.console import Console
from rich.table import Table

from lading.diagnosis import examine
from lading.entrypoints.cli.errors import sentence
from lading.settings import load_settings

MARKS: Final = {"good": "[green]✓[/]", "doubtful": "[yellow]?[/]", "wrong": "[bold red]✗[/]"}


def doctor(*, json: Annotated[bool, Parameter(negative="")] = False) -> int:
    """Look for what is wrong with this installation; exit code 1 if something is.

    Parameters
    ----------
    json
        Print the findings as a JSON list of {verdict, subject, text}.
    """
    findings = examine(load_settings(), os.environ, sentence)
    if json:
        print(msgspec.json.format(msgspec.json.encode(findings)).decode())
    else:
        table = Table(box=box.SIMPLE, show_header=False, padding=(0, 1))
        for finding in findings:
            table.add_row(MARKS[finding.verdict], finding.subject, finding.text)
        Console().print(table)
        print(f"{sum(finding.verdict == 'wrong' for finding in findings)} wrong, "
              f"{sum(finding.verdict == 'doubtful' for finding in findings)} doubtful.")  # fmt: skip
    return 1 if any(finding.verdict == "wrong" for finding in findings) else 0
