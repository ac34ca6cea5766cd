"""A sheet of paper: who, to whom, what, and a bar code to find it again."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4, LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph, Spacer, Table, TableStyle

from lading.adapters.documents import fonts

PAPERS = {"A4": A4, "Letter": LETTER}
MARGIN = 16 * mm
INK, QUIET, RULE, SHADE = (
    colors.HexColor("#1b1f24"),
    colors.HexColor("#5c6570"),
    colors.HexColor("#c9ced6"),
    colors.HexColor("#f3f5f8"),
)


@dataclass(slots=True, frozen=True)
class Column:
    """Of the table."""

    title: str
    share: float
    """Of the width, beside the others."""
    right: bool = False
    bold: bool = False


@dataclass(slots=True)
class Sheet:
    """What a sheet says; all texts are in their language already."""

    title: str
    number: str
    sender: Sequence[str]
    """Lines; the first one is the name."""
    addressee_title: str = ""
    addressee: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()
    columns: Sequence[Column] = ()
    rows: Sequence[Sequence[str]] = ()
    """A cell's first line is what it says, further lines are smaller print."""
    totals: Sequence[tuple[str, str]] = ()
    """The last one is the sum."""
    notes: Sequence[str] = ()
    fields: Sequence[str] = ()
    """What somebody signs or fills in by hand."""
    code: str = ""
    """In a bar code (Code 128) on top."""
    qr: str = ""
    footer: str = ""
    page_word: str = "%(page)s / %(pages)s"
    ticks: bool = False
    """A box before each row, to be ticked."""
    language: str = "en"


def render(sheet: Sheet, paper: str) -> bytes:
    """The sheet as a PDF, on as many pages as it needs."""
    fonts.known()
    size = PAPERS[paper]
    out = io.BytesIO()
    document = BaseDocTemplate(
        out, pagesize=size, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=20 * mm,
        title=f"{sheet.title} {sheet.number}", lang=sheet.language, invariant=1,
    )  # fmt: skip
    frame = Frame(MARGIN, 20 * mm, document.width, size[1] - MARGIN - 20 * mm, 0, 0, 0, 0)
    document.addPageTemplates([PageTemplate("page", [frame])])
    document.build(_story(sheet, document.width), canvasmaker=_numbered(sheet))
    return out.getvalue()


def _style(
    size: float = 9, *, bold: bool = False, color: Any = INK, right: bool = False, lead: float = 1.28
) -> ParagraphStyle:
    return ParagraphStyle(
        "plain", fontName=fonts.BOLD if bold else fonts.REGULAR, fontSize=size, leading=size * lead, textColor=color,
        alignment=TA_RIGHT if right else 0, splitLongWords=1,
    )  # fmt: skip


def _text(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(fonts.markup(text), style)


def _story(sheet: Sheet, width: float) -> list[Flowable]:
    story: list[Flowable] = [_head(sheet, width), Spacer(1, 7 * mm), _parties(sheet, width), Spacer(1, 6 * mm)]
    if sheet.columns:
        story.append(_table(sheet, width))
    if sheet.totals:
        story += [Spacer(1, 3 * mm), _totals(sheet, width)]
    for note in sheet.notes:
        story += [Spacer(1, 4 * mm), _text(note, _style(9))]
    if sheet.fields:
        story += [Spacer(1, 14 * mm), _signing(sheet, width)]
    return story


def _head(sheet: Sheet, width: float) -> Table:
    title = [
        _text(sheet.title, _style(19, bold=True)),
        Spacer(1, 1.5 * mm),
        _text(sheet.number, _style(11, color=QUIET)),
    ]
    codes: list[Flowable] = []
    if sheet.code:
        codes.append(_bars(sheet.code))
    cells: list[Any] = [title, codes, _square(sheet.qr) if sheet.qr else ""]
    qr_width = 24 * mm if sheet.qr else 0.1
    table = Table([cells], [width - 74 * mm - qr_width, 74 * mm, qr_width])
    table.setStyle(TableStyle([*_BARE, ("VALIGN", (0, 0), (-1, -1), "TOP"), ("ALIGN", (1, 0), (-1, -1), "RIGHT")]))
    return table


def _bars(text: str) -> Code128:
    return Code128(
        text, barHeight=11 * mm, barWidth=0.33 * mm, humanReadable=True, fontName=fonts.REGULAR, fontSize=8, quiet=False
    )


def _square(text: str) -> Drawing:
    widget = QrCodeWidget(text, barLevel="M", barBorder=0)
    widget.barWidth = widget.barHeight = 20 * mm
    drawing = Drawing(20 * mm, 20 * mm)
    drawing.add(widget)
    return drawing


def _parties(sheet: Sheet, width: float) -> Table:
    name, *rest = sheet.sender or [""]
    sender = [_text(name, _style(9, bold=True)), *(_text(line, _style(8.5, color=QUIET)) for line in rest)]
    to: list[Flowable] = []
    if sheet.addressee:
        to = [
            _text(sheet.addressee_title, _style(8, color=QUIET)),
            *(_text(line, _style(10.5)) for line in sheet.addressee),
        ]
    facts = [[_text(label, _style(8.5, color=QUIET)), _text(value, _style(9))] for label, value in sheet.facts]
    right: Any = ""
    if facts:
        right = Table(facts, [26 * mm, width * 0.36 - 26 * mm])
        right.setStyle(
            TableStyle([*_BARE, ("VALIGN", (0, 0), (-1, -1), "TOP"), ("BOTTOMPADDING", (0, 0), (-1, -1), 2)])
        )
    table = Table([[to or sender, sender if to else "", right]], [width * 0.37, width * 0.27, width * 0.36])
    table.setStyle(TableStyle([*_BARE, ("VALIGN", (0, 0), (-1, -1), "TOP"), ("RIGHTPADDING", (0, 0), (1, 0), 5 * mm)]))
    return table


_BARE = [
    ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0), ("TOPPADDING", (0, 0), (-1, -1), 0),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
]  # fmt: skip


def _table(sheet: Sheet, width: float) -> Table:
    box = [8 * mm] if sheet.ticks else []
    all_ = sum(column.share for column in sheet.columns)
    widths = box + [(width - sum(box)) * column.share / all_ for column in sheet.columns]
    head: list[Any] = [_text(column.title, _style(8, color=QUIET, right=column.right)) for column in sheet.columns]
    body = [[_cell(text, column) for text, column in zip(row, sheet.columns, strict=True)] for row in sheet.rows]
    if sheet.ticks:
        head, body = ["", *head], [[_Tick(), *row] for row in body]
    table = Table([head, *body], widths, repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"), ("LINEBELOW", (0, 0), (-1, 0), 0.8, INK),
                ("LINEBELOW", (0, 1), (-1, -1), 0.4, RULE), ("LEFTPADDING", (0, 0), (-1, -1), 3), ("RIGHTPADDING", (0, 0), (-1, -1), 3),
                ("TOPPADDING", (0, 0), (-1, -1), 4), ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
            ]
        )
    )  # fmt: skip
    return table


def _cell(text: str, column: Column) -> list[Flowable]:
    first, *more = text.split("\n")
    small = [_text(line, _style(8, color=QUIET, right=column.right)) for line in more if line]
    return [_text(first, _style(9.5 if column.bold else 9, bold=column.bold, right=column.right)), *small]


class _Tick(Flowable):  # type: ignore[misc]  # reportlab brings no types
    """An empty box."""

    def __init__(self) -> None:
        super().__init__()
        self.width, self.height = 4.2 * mm, 4.2 * mm

    def draw(self) -> None:
        self.canv.setStrokeColor(QUIET)
        self.canv.setLineWidth(0.8)
        self.canv.rect(0, 0, 4 * mm, 4 * mm)


def _totals(sheet: Sheet, width: float) -> Table:
    last = len(sheet.totals) - 1
    rows = []
    for at, (label, value) in enumerate(sheet.totals):
        size, bold = (11, True) if at == last else (9, False)
        rows.append(["", _text(label, _style(size, bold=bold)), _text(value, _style(size, bold=bold, right=True))])
    table = Table(rows, [width * 0.45, width * 0.3, width * 0.25])
    above = [("TOPPADDING", (0, 0), (-1, -1), 3), ("BOTTOMPADDING", (0, 0), (-1, -1), 2)]
    table.setStyle(TableStyle([*_BARE, ("LINEABOVE", (1, last), (-1, last), 0.8, INK), *above]))
    return table


def _signing(sheet: Sheet, width: float) -> Table:
    count = len(sheet.fields)
    table = Table([[_text(text, _style(8, color=QUIET)) for text in sheet.fields]], [width / count] * count)
    lines = [("LINEABOVE", (at, 0), (at, 0), 0.6, INK) for at in range(count)]
    table.setStyle(
        TableStyle([*lines, ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 6 * mm)])
    )
    return table


def _numbered(sheet: Sheet) -> type[Canvas]:
    """A canvas that knows at its end how many pages there are."""

    class Numbered(Canvas):  # type: ignore[misc]  # reportlab brings no types
        def __init__(self, *arguments: Any, **more: Any) -> None:
            super().__init__(*arguments, **more)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:
            self._pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self._pages, 1):
                self.__dict__.update(page)
                self._foot(number, len(self._pages))
                super().showPage()
            super().save()

        def _foot(self, number: int, count: int) -> None:
            wide = self._pagesize[0]
            self.setStrokeColor(RULE)
            self.setLineWidth(0.4)
            self.line(MARGIN, 15 * mm, wide - MARGIN, 15 * mm)
            note = _text(sheet.footer, _style(7.5, color=QUIET))
            _, high = note.wrap(wide - 2 * MARGIN - 30 * mm, 12 * mm)
            note.drawOn(self, MARGIN, 13.5 * mm - high)
            page = _text(sheet.page_word % {"page": number, "pages": count}, _style(7.5, color=QUIET, right=True))
            _, high = page.wrap(30 * mm, 10 * mm)
            page.drawOn(self, wide - MARGIN - 30 * mm, 13.5 * mm - high)

    return Numbered
