"""The catalogues of texts; `python -m lading.entrypoints.console.messages` brings all of them up to date."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from lading import views
from lading.entrypoints.console.rendering import HERE, LOCALES
from lading.orders.status import STAGES
from lading.views.queues import QUEUES

TEMPLATE: Final = HERE / "locale" / "messages.pot"
_NO_DATE: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""A date in the header would change with every run."""
_METHODS: Final = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
_OPTIONS: Final = {"templates/**.html": {"trimmed": "true", "encoding": "utf-8"}}
SCOPES: Final = ("merchant", "channel", "location", "sku", "default")
"""Words of policies' scopes, which reach pages as values."""
PROGRESS: Final = (
    "%(done)s of %(all)s",
    "released",
    "coming back",
    "allocated",
    "on hold",
    "delivered",
    "returned",
    "sent back",
    "lost",
    "shipped",
    "packed",
    "picked",
    "backordered",
)
"""What a progress such as "1 of 3 packed" is made of."""
_KEYWORDS: Final = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
_SENTENCES: Final = {"say": None, "noted": None}
VIEWS: Final = Path(views.__file__).parent
"""Where the sentences of events are said."""


def extracted() -> Catalog:
    """Every text of the code and the templates, with the files that use it."""
    catalog = Catalog(project="Lading", charset="utf-8", fuzzy=False)
    found = extract_from_dir(HERE, _METHODS, _OPTIONS, keywords=_KEYWORDS, comment_tags=())
    for file, _, message, _, context in found:
        catalog.add(message, None, [(Path(file).as_posix(), 0)], context=context)
    for file, _, message, _, context in extract_from_dir(VIEWS, _METHODS, keywords=_SENTENCES, comment_tags=()):
        catalog.add(message, None, [(Path(file).as_posix(), 0)], context=context)
    for text in (*QUEUES.values(), *STAGES.values(), *SCOPES, *PROGRESS):
        catalog.add(text)
    return catalog


def read(file: Path, locale: str | None = None) -> Catalog:
    """A catalogue as it stands in the repository."""
    with file.open("rb") as text:
        return read_po(text, locale=locale)


def write(file: Path, catalog: Catalog) -> None:
    """In a form that changes only where texts change: sorted, without line numbers and dates."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as text:
        write_po(text, catalog, omit_header=catalog.locale is None, no_location=True, sort_output=True, width=120)


def update() -> None:
    """Write the template and merge it into each language; texts that nobody uses any more are dropped."""
    template = extracted()
    write(TEMPLATE, template)
    for locale in LOCALES[1:]:
        file = HERE / "locale" / locale / "LC_MESSAGES" / "messages.po"
        known = read(file, locale) if file.exists() else Catalog()
        catalog = Catalog(
            locale,
            header_comment=f"# Lading's console in {locale}.",
            project="Lading",
            version="0",
            fuzzy=False,
            copyright_holder="Lading",
            msgid_bugs_address="Lading",
            last_translator="Lading",
            language_team="Lading",
            creation_date=_NO_DATE,
            revision_date=_NO_DATE,
        )
        for message in template:
            if message.id:
                translated = known.get(message.id)
                catalog.add(message.id, translated.string if translated else None, flags=message.flags)
        write(file, catalog)


if __name__ == "__main__":
    update()
