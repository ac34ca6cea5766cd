"""The customs declarations of the post: CN 22 on a label, CN 23 on a sheet of its own."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

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


@dataclass(slots=True, frozen=True)
class Declaration:
    """What it says; all texts are in their language already, and, as the postal union wants it, in French or English beside."""

    words: dict[str, str]
    """What its fields are called: title, may_open, designated, gift, documents, sale, sample, returned, other, description, weight, value,
    hs_origin, total_weight, total_value, certify, signature, from, to, parcel."""
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
    for index, kind in enumerate(KINDS):
        left, low = x + 2 * mm + (index % 3) * wide / 3, line - 5 * mm - (index // 3) * 5.5 * mm
        page.setLineWidth(0.6)
        page.rect(left, low, 3 * mm, 3 * mm)
        if kind == said.kind:
            page.setLineWidth(1.1)
            page.line(left + 0.5 * mm, low + 0.5 * mm, left + 2.5 * mm, low + 2.5 * mm)
            page.line(left + 0.5 * mm, low + 2.5 * mm, left + 2.5 * mm, low + 0.5 * mm)
        _say(page, said.words[kind], left + 4.5 * mm, low + 0.5 * mm, 7.5, wide / 3 - 6 * mm)
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
    for inside, piece in fonts.runs(text):
        chosen = font if inside else fonts.EAST_ASIAN
        page.setFont(chosen, size)
        page.drawString(x, y, piece)
        x += fonts.width(piece, font, size)
