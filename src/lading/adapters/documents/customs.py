"""The customs declarations of the post: CN 22 on a label, CN 23 on a sheet of its own."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from lading.adapters.documents import fonts


@dataclass(slots=True, frozen=True)
class Item:
    """One kind of goods."""

    description: str
    quantity: str
    weight: str
    value: str
    hs_code: str
    origin: str
    """The code of the country."""
    made_in: str
    """Its name."""


@dataclass(slots=True, frozen=True)
class Declaration:
    """What it says; all texts are in their language already, and, as the postal union wants it, in French or English beside."""

    words: dict[str, str]
    """What its fields are called: title, may_open, designated, gift, documents, sale, sample, returned, other, description, weight, value,
    hs_origin, total_weight, total_value, certify, signature, from, to, parcel, quantity, what, hs_code, origin, comments, licence,
    certificate, invoice, page."""
    sender: Sequence[str]
    addressee: Sequence[str]
    items: Sequence[Item]
    total_weight: str
    total_value: str
    kind: str
    """Which of the boxes is ticked: gift, documents, sale, sample, returned or other."""
    parcel: str
    signed: str
    """Place and date."""
    code: str
    """In the bar code: the tracking number, or the parcel's name."""
    facts: Sequence[tuple[str, str]] = ()
    """What else a large one says of the parcel: four of (title, text)."""


KINDS = ("gift", "documents", "sale", "sample", "returned", "other")
CN22 = (105 * mm, 148 * mm)
ITEMS_MAX = 8
"""So many kinds of goods have room on a CN 22; more belong on a CN 23."""


def cn22(said: Declaration) -> bytes:
    """A label of 105 by 148 millimetres."""
    fonts.known()
    out = io.BytesIO()
    page = Canvas(out, pagesize=CN22, invariant=1)
    page.setTitle(f"CN 22 {said.parcel}")
    wide, high = CN22
    _form(page, said, 6 * mm, 6 * mm, wide - 12 * mm, high - 12 * mm, "CN 22")
    page.showPage()
    page.save()
    return out.getvalue()


def _form(page: Canvas, said: Declaration, x: float, y: float, wide: float, high: float, name: str) -> None:
    top = y + high
    page.setLineWidth(1)
    page.rect(x, y, wide, high)
    _say(page, said.words["title"], x + 2 * mm, top - 5.5 * mm, 11, wide - 30 * mm, fonts.BOLD)
    _say(page, said.words["may_open"], x + 2 * mm, top - 9.5 * mm, 6.5, wide - 30 * mm)
    _say(page, name, x + wide - 18 * mm, top - 7 * mm, 14, 16 * mm, fonts.BOLD)
    line = top - 12 * mm
    page.line(x, line, x + wide, line)
    _kinds(page, said, x, line, wide)
    line -= 13 * mm
    line = _items(page, said, x, line, wide)
    _total(page, said, x, line, wide)
    line -= 9 * mm
    page.setLineWidth(0.6)
    page.line(x, line, x + wide, line)
    for index, text in enumerate(_wrapped(said.words["certify"], 6.2, wide - 4 * mm)):
        _say(page, text, x + 2 * mm, line - 3.2 * mm - index * 2.7 * mm, 6.2, wide - 4 * mm)
    _say(page, f"{said.words['parcel']} {said.parcel} · {said.sender[0]}", x + 2 * mm, y + 8 * mm, 7.5, wide - 4 * mm)
    _say(page, f"{said.signed}   {said.words['signature']}", x + 2 * mm, y + 3 * mm, 7.5, wide * 0.6)
    page.line(x + wide * 0.55, y + 2.5 * mm, x + wide - 3 * mm, y + 2.5 * mm)


def _kinds(page: Canvas, said: Declaration, x: float, line: float, wide: float) -> None:
    """The boxes, one of them ticked, below that line."""
    for index, kind in enumerate(KINDS):
        left, low = x + 2 * mm + (index % 3) * wide / 3, line - 5 * mm - (index // 3) * 5.5 * mm
        page.setLineWidth(0.6)
        page.rect(left, low, 3 * mm, 3 * mm)
        if kind == said.kind:
            page.setLineWidth(1.1)
            page.line(left + 0.5 * mm, low + 0.5 * mm, left + 2.5 * mm, low + 2.5 * mm)
            page.line(left + 0.5 * mm, low + 2.5 * mm, left + 2.5 * mm, low + 0.5 * mm)
        _say(page, said.words[kind], left + 4.5 * mm, low + 0.5 * mm, 7.5, wide / 3 - 7.5 * mm)


ROWS = 14
"""Kinds of goods on one sheet of a CN 23."""
SHARES = (0.36, 0.08, 0.13, 0.15, 0.13, 0.15)
"""Of the width of its table: description, quantity, weight, value, HS code, origin."""


def cn23(said: Declaration, paper: tuple[float, float]) -> bytes:
    """Sheets with fields as those of the postal union; what has no room on one goes on the next."""
    fonts.known()
    out = io.BytesIO()
    page = Canvas(out, pagesize=paper, invariant=1)
    page.setTitle(f"CN 23 {said.parcel}")
    sheets = [said.items[at : at + ROWS] for at in range(0, max(len(said.items), 1), ROWS)]
    for number, items in enumerate(sheets, 1):
        _sheet(page, said, items, paper)
        if len(sheets) > 1:
            _say(page, said.words["page"] % {"page": number, "pages": len(sheets)}, 10 * mm, 8 * mm, 7, 60 * mm)
        page.showPage()
    page.save()
    return out.getvalue()


def _sheet(page: Canvas, said: Declaration, items: Sequence[Item], paper: tuple[float, float]) -> None:
    x, wide, top = 10 * mm, paper[0] - 20 * mm, paper[1] - 10 * mm
    _say(page, said.words["title"], x, top - 6 * mm, 15, wide * 0.6, fonts.BOLD)
    _say(page, said.words["may_open"], x, top - 10.5 * mm, 7.5, wide * 0.6)
    _say(page, "CN 23", x + wide - 24 * mm, top - 8 * mm, 20, 24 * mm, fonts.BOLD)
    line = top - 13 * mm
    left = wide * 0.56
    for title, lines in ((said.words["from"], said.sender), (said.words["to"], said.addressee)):
        _boxed(page, x, line, left, 33 * mm, title)
        for index, text in enumerate(lines[:6]):
            _say(page, text, x + 3 * mm, line - 8.5 * mm - index * 4.4 * mm, 10, left - 6 * mm)
        line -= 33 * mm
    _beside(page, said, x + left, top - 13 * mm, wide - left)
    line = _goods(page, said, items, x, line, wide)
    _boxed(page, x, line, wide, 13 * mm, "")
    _kinds(page, said, x, line, wide)
    line -= 13 * mm
    _boxed(page, x, line, wide, 14 * mm, said.words["comments"])
    line -= 14 * mm
    for index, name in enumerate(("licence", "certificate", "invoice")):
        _boxed(page, x + index * wide / 3, line, wide / 3, 11 * mm, said.words[name])
    line -= 11 * mm
    _boxed(page, x, line, wide, 30 * mm, "")
    for index, text in enumerate(_wrapped(said.words["certify"], 8, wide - 6 * mm)):
        _say(page, text, x + 3 * mm, line - 5 * mm - index * 3.6 * mm, 8, wide - 6 * mm)
    _say(page, f"{said.signed}   {said.words['signature']}", x + 3 * mm, line - 26 * mm, 9, wide * 0.45)
    page.line(x + wide * 0.45, line - 26.5 * mm, x + wide - 4 * mm, line - 26.5 * mm)


def _beside(page: Canvas, said: Declaration, x: float, line: float, wide: float) -> None:
    """The parcel's number as bars, and what else is said of it."""
    _boxed(page, x, line, wide, 26 * mm, said.words["parcel"])
    module = 0.33 * mm
    bars = Code128(said.code, barHeight=12 * mm, barWidth=module, quiet=False)
    while bars.width > wide - 10 * mm and module > 0.2 * mm:
        module -= 0.02 * mm
        bars = Code128(said.code, barHeight=12 * mm, barWidth=module, quiet=False)
    bars.drawOn(page, x + (wide - bars.width) / 2, line - 18 * mm)
    _say(
        page,
        said.code,
        x + (wide - fonts.width(said.code, fonts.BOLD, 10)) / 2,
        line - 23.5 * mm,
        10,
        wide - 6 * mm,
        fonts.BOLD,
    )
    for index, (title, text) in enumerate(said.facts[:4]):
        top = line - 26 * mm - index * 10 * mm
        _boxed(page, x, top, wide, 10 * mm, title)
        _say(page, text, x + 1.5 * mm, top - 8 * mm, 10, wide - 3 * mm, fonts.BOLD)


def _goods(page: Canvas, said: Declaration, items: Sequence[Item], x: float, line: float, wide: float) -> float:
    """The table of contents with its sums; where it ends."""
    edges = [x + wide * sum(SHARES[:index]) for index in range(len(SHARES))]
    widths = [wide * share for share in SHARES]
    heads = [said.words[name] for name in ("what", "quantity", "weight", "value", "hs_code", "origin")]
    for edge, width, head in zip(edges, widths, heads, strict=True):
        _boxed(page, edge, line, width, 7 * mm, head)
    line -= 7 * mm
    for index in range(ROWS):
        item = items[index] if index < len(items) else None
        cells = (item.description, item.quantity, item.weight, item.value, item.hs_code, item.made_in) if item else ()
        page.setLineWidth(0.3)
        page.line(x, line - 6.5 * mm, x + wide, line - 6.5 * mm)
        for edge, width, text in zip(edges, widths, cells, strict=False):
            _say(page, text, edge + 1.5 * mm, line - 4.6 * mm, 9, width - 3 * mm)
        line -= 6.5 * mm
    page.setLineWidth(0.6)
    for edge in (*edges, x + wide):
        page.line(edge, line, edge, line + ROWS * 6.5 * mm)
    _boxed(page, x, line, wide / 2, 10 * mm, said.words["total_weight"])
    _say(page, said.total_weight, x + 1.5 * mm, line - 8 * mm, 11, wide / 2 - 3 * mm, fonts.BOLD)
    _boxed(page, x + wide / 2, line, wide / 2, 10 * mm, said.words["total_value"])
    _say(page, said.total_value, x + wide / 2 + 1.5 * mm, line - 8 * mm, 11, wide / 2 - 3 * mm, fonts.BOLD)
    end: float = line - 10 * mm
    return end


def _boxed(page: Canvas, x: float, top: float, wide: float, high: float, title: str) -> None:
    """A field with its title."""
    page.setLineWidth(0.6)
    page.rect(x, top - high, wide, high)
    _say(page, title, x + 1.5 * mm, top - 3.2 * mm, 6.8, wide - 3 * mm)


def _items(page: Canvas, said: Declaration, x: float, line: float, wide: float) -> float:
    shares = (0.48, 0.16, 0.18, 0.18)
    edges = [x + wide * sum(shares[:index]) for index in range(4)]
    heads = (said.words["description"], said.words["weight"], said.words["value"], said.words["hs_origin"])
    page.setLineWidth(0.8)
    page.line(x, line, x + wide, line)
    for edge, share, head in zip(edges, shares, heads, strict=True):
        _say(page, head, edge + 1.5 * mm, line - 3.5 * mm, 6.2, wide * share - 2 * mm)
    top = line
    line -= 5 * mm
    for item in said.items:
        page.setLineWidth(0.3)
        page.line(x, line, x + wide, line)
        cells = (f"{item.quantity} × {item.description}", item.weight, item.value, f"{item.hs_code} {item.origin}")
        for edge, share, text in zip(edges, shares, cells, strict=True):
            _say(page, text, edge + 1.5 * mm, line - 4 * mm, 8, wide * share - 2 * mm)
        line -= 6 * mm
    page.setLineWidth(0.8)
    page.line(x, line, x + wide, line)
    for edge in edges[1:]:
        page.line(edge, top, edge, line)
    return line


def _total(page: Canvas, said: Declaration, x: float, line: float, wide: float) -> None:
    for index, (word, text) in enumerate(
        ((said.words["total_weight"], said.total_weight), (said.words["total_value"], said.total_value))
    ):
        left = x + 2 * mm + index * wide / 2
        _say(page, word, left, line - 3.5 * mm, 6.2, wide / 2 - 4 * mm)
        _say(page, text, left, line - 7.5 * mm, 9.5, wide / 2 - 4 * mm, fonts.BOLD)


def _wrapped(text: str, size: float, most: float) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if fonts.width(longer, fonts.REGULAR, size) <= most:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _say(page: Canvas, text: str, x: float, y: float, size: float, most: float, font: str = fonts.REGULAR) -> None:
    """One line, smaller where it would not fit; what is too long even so ends early."""
    while size > 5 and fonts.width(text, font, size) > most:
        size -= 0.25
    while text and fonts.width(text, font, size) > most:
        text = text[:-2] + "…" if len(text) > 2 else ""
    for name, piece in fonts.runs(text, font):
        page.setFont(name, size)
        page.drawString(x, y, piece)
        x += fonts.width(piece, font, size)
