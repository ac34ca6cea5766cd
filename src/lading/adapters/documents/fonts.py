"""Type: Latin, Greek and Cyrillic are set in Roboto, which is embedded; Chinese, Japanese and Korean in a font of the reader's."""

from functools import cache
from html import escape
from importlib.resources import files
from itertools import groupby

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

REGULAR, BOLD = "Roboto", "Roboto-Bold"
EAST_ASIAN = "HeiseiKakuGo-W5"
_FILES = {REGULAR: "Roboto-Regular.ttf", BOLD: "Roboto-Bold.ttf"}


@cache
def known() -> frozenset[int]:
    """The characters that Roboto has; at the first call the fonts are made known."""
    folder = files("font_roboto") / "files"
    for name, file in _FILES.items():
        pdfmetrics.registerFont(TTFont(name, str(folder / file)))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)
    pdfmetrics.registerFont(UnicodeCIDFont(EAST_ASIAN))
    return frozenset(pdfmetrics.getFont(REGULAR).face.charToGlyph)


def runs(text: str) -> list[tuple[bool, str]]:
    """The text in pieces: (whether Roboto has its characters, piece)."""
    have = known()
    return [(inside, "".join(piece)) for inside, piece in groupby(text, lambda character: ord(character) in have)]


def markup(text: str) -> str:
    """The text for a paragraph."""
    parts = [
        escape(piece, quote=False) if inside else f'<font name="{EAST_ASIAN}">{escape(piece, quote=False)}</font>'
        for inside, piece in runs(text)
    ]
    return "".join(parts).replace("\n", "<br/>")


def width(text: str, font: str, size: float) -> float:
    """Of one line, in points."""
    known()
    wide: float = sum(
        pdfmetrics.stringWidth(piece, font if inside else EAST_ASIAN, size) for inside, piece in runs(text)
    )
    return wide
