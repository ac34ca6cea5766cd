"""Templates, translations, and how numbers, money and times are written."""

import hashlib
import io
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from babel import Locale, dates, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from lading.entrypoints.console import navigation, words
from lading.kernel import money

HERE: Final = Path(__file__).parent
STATIC: Final = HERE / "static"
LOCALES: Final = ("en", "de")
"""The first one is the language of the templates."""
_SPAN_DAYS: Final = 365
"""What lasts longer is told in a word: a rate of so few units says no more."""


@cache
def translations(locale: str) -> NullTranslations:
    """The catalogue of a locale, read from its .po file."""
    file = HERE / "locale" / locale / "LC_MESSAGES" / "messages.po"
    if not file.exists():
        return NullTranslations()
    compiled = io.BytesIO()
    with file.open("rb") as text:
        write_mo(compiled, read_po(text, locale=locale))
    compiled.seek(0)
    return Translations(compiled)


@cache
def environment(locale: str) -> Environment:
    """The templates in one language."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    catalogue = translations(locale)
    environment.install_gettext_callables(catalogue.gettext, catalogue.ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.globals |= {
        "static": static_url,
        "icon": icon,
        "look": words.look,
        "is_under": navigation.is_under,
        "locale": locale,
        "GONE": words.GONE,
        "BUCKETS": words.BUCKETS,
        "POOLS": words.POOLS,
        "task_address": task_address,
        "bar_parts": bar_parts,
        "pretty": lambda data: msgspec.json.format(bytes(data), indent=2).decode(),
        "lasts": lambda days: write_span(days, locale),
        "cash": lambda amount: write_money(amount.minor, amount.currency, locale),
    }
    environment.filters |= {
        "number": lambda value: write_number(value, locale),
        "progress": lambda text: write_progress(text, locale),
        "words": lambda value: str(value).replace("_", " "),
    }
    return environment


def choose_locale(accepted: str) -> str:
    """The reader's language by Accept-Language, as far as there is a catalogue."""
    wanted = [part.split(";")[0].strip().replace("-", "_") for part in accepted.split(",")[:20]]
    known = Locale.negotiate([tag for tag in wanted if tag.replace("_", "").isalnum() and tag.isascii()], LOCALES)
    return known.language if known else LOCALES[0]


def write_number(value: int, locale: str) -> str:
    """1,234 as the reader writes it."""
    return numbers.format_decimal(value, locale=locale)


def write_span(days: float | None, locale: str) -> str:
    """How long something lasts, no finer than it is known; empty where nobody knows."""
    if days is None:
        return ""
    if days > _SPAN_DAYS:
        return str(translations(locale).gettext("more than a year"))
    told = round(days, 1 if days < 10 else 0)
    text = translations(locale).ngettext("%(num)s day", "%(num)s days", 1 if told == 1 else 2)
    return str(text) % {"num": numbers.format_decimal(told, locale=locale)}


def write_progress(text: str, locale: str) -> str:
    """'1 of 3 packed' in the reader's language."""

    def say(found: re.Match[str]) -> str:
        translate = translations(locale).gettext
        count = translate("%(done)s of %(all)s") % {"done": found[1], "all": found[2]} if found[2] else found[1]
        return f"{count} {translate(found[3])}"

    return re.sub(r"(\d+)(?: of (\d+))? ([a-z][a-z ]*[a-z])", say, text)


def write_money(minor: int, currency: str, locale: str) -> str:
    """49.90 EUR: an amount is never without its currency."""
    decimals = money.exponent(currency) or 0
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    amount = numbers.format_decimal(Decimal(money.from_minor(minor, decimals)), format=pattern, locale=locale)
    return f"{amount}\N{NO-BREAK SPACE}{currency}".replace("-", "\N{MINUS SIGN}")


def write_time(moment: datetime | None, now: datetime, zone: str, locale: str) -> Markup:
    """Relative, with the exact time in the merchant's zone on hover."""
    if moment is None:
        return Markup("")
    exact = dates.format_datetime(moment, "medium", tzinfo=ZoneInfo(zone), locale=locale)
    return Markup('<time datetime="{}" title="{} {}">{}</time>').format(
        moment.astimezone(UTC).isoformat(timespec="seconds"), exact, zone, write_age(moment, now, zone, locale)
    )


def write_age(moment: datetime, now: datetime, zone: str, locale: str) -> str:
    """'2 minutes ago'; what is more than a month away is a date."""
    distance = moment - now
    if abs(distance.days) > 30:
        return dates.format_date(moment.astimezone(ZoneInfo(zone)), "medium", locale=locale)
    return dates.format_timedelta(distance, add_direction=True, threshold=1.2, format="short", locale=locale)


def write_day(moment: date, zone: str, locale: str) -> str:
    """A day, or the day of a moment in the merchant's zone: 27 Nov, with its year where that is another one."""
    day = moment.astimezone(ZoneInfo(zone)).date() if isinstance(moment, datetime) else moment
    if abs((day - datetime.now(UTC).date()).days) > 180:
        return dates.format_date(day, "medium", locale=locale)
    return dates.format_skeleton("MMMd", day, locale=locale)


def icon(name: str, label: str = "") -> Markup:
    """An icon of the sprite; without a label it is decoration."""
    hidden = Markup(' role="img" aria-label="{}"').format(label) if label else Markup(' aria-hidden="true"')
    return Markup('<svg class="icon"{}><use href="{}#{}"></use></svg>').format(
        hidden, static_url("vendor/icons.svg"), name
    )


def task_address(name: str) -> str:
    """Where a document of its own is shown: PO1042, T1043, C1044, W1045."""
    letters = name.rstrip("0123456789")
    return f"{words.TASKS[letters]}/{name}" if letters in words.TASKS else "/stock"


@cache
def static_url(path: str) -> str:
    """A file of ours under a name that changes with its content, so that browsers may keep it for ever."""
    file = STATIC / path
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.exists() else "missing"
    return f"/static/{path}?v={digest}"


def bar_parts(units: Iterable[tuple[str, int]], total: int) -> list[dict[str, Any]]:
    """The pieces of a stage bar, in hundredths of its width; nothing that is there gets lost to rounding."""
    parts, at = [], 0
    for name, count in units:
        if count > 0:
            end = at + count
            left, right = at * 1000 // max(total, 1), end * 1000 // max(total, 1)
            parts.append({"name": name, "count": count, "left": left, "width": max(right - left, 4)})
            at = end
    return parts
