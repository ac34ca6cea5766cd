"""Type: Latin, Greek and Cyrillic are set in Roboto, which is embedded; what it lacks in a font that the installation names, embedded too,
and what that lacks in a font of the reader's, by script: Chinese, Japanese and Korean are asked for by names that readers know."""

from functools import cache
from html import escape
from importlib.resources import files
from itertools import groupby

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from lading.kernel.trouble import Trouble

REGULAR, BOLD = "Roboto", "Roboto-Bold"
OWN = "Own"
READERS = {"shift_jis": "HeiseiKakuGo-W5", "gb2312": "STSong-Light", "big5": "MSung-Light", "euc_kr": "HYGothic-Medium"}
"""Fonts of whoever reads it, by the set of characters that each has."""
_FILES = {REGULAR: "Roboto-Regular.ttf", BOLD: "Roboto-Bold.ttf"}


def use(file: str | None) -> None:
    """Set what Roboto lacks in that TrueType font. Raises Trouble where it cannot be embedded."""
    if file is None:
        return
    try:
        pdfmetrics.registerFont(TTFont(OWN, file))
    except (TTFError, OSError) as error:
        raise Trouble(f"The font {file} cannot be embedded: {error}") from None
    _others.cache_clear()


@cache
def known() -> frozenset[int]:
    """The characters that Roboto has; at the first call the fonts are made known."""
    folder = files("font_roboto") / "files"
    for name, file in _FILES.items():
        pdfmetrics.registerFont(TTFont(name, str(folder / file)))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)
    for name in READERS.values():
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    return frozenset(pdfmetrics.getFont(REGULAR).face.charToGlyph)


@cache
def _others() -> frozenset[int]:
    """The characters that the installation's own font has; none where there is no such font."""
    if OWN not in pdfmetrics.getRegisteredFontNames():
        return frozenset()
    return frozenset(pdfmetrics.getFont(OWN).face.charToGlyph)


def runs(text: str, font: str) -> list[tuple[str, str]]:
    """The text in pieces, each with its font: the one that is asked for where that has its characters."""
    have, others = known(), _others()
    lacking = "".join(each for each in text if ord(each) not in have and ord(each) not in others)
    readers = _readers(lacking) if lacking else ""

    def chosen(character: str) -> str:
        if ord(character) in have:
            return font
        return OWN if ord(character) in others else readers or _readers(character) or READERS["shift_jis"]

    return [(name, "".join(piece)) for name, piece in groupby(text, chosen)]


def lacking(text: str, *, ours: bool = False) -> bool:
    """Whether Roboto lacks any of it; `ours`: and so does the font of the installation, which printers of labels do not have."""
    others = _others() if ours else frozenset()
    return any(ord(each) >= 32 and ord(each) not in known() and ord(each) not in others for each in text)


def _readers(text: str) -> str:
    """The reader's font that has all of it; empty where none has."""
    for characters, name in READERS.items():
        try:
            text.encode(characters)
        except UnicodeEncodeError:
            continue
        return name
    return ""


def markup(text: str) -> str:
    """The text for a paragraph."""
    parts = [
        escape(piece, quote=False) if name == REGULAR else f'<font name="{name}">{escape(piece, quote=False)}</font>'
        for name, piece in runs(text, REGULAR)
    ]
    return "".join(parts).replace("\n", "<br/>")


def width(text: str, font: str, size: float) -> float:
    """Of one line, in points."""
    wide: float = sum(pdfmetrics.stringWidth(piece, name, size) for name, piece in runs(text, font))
    return wide
