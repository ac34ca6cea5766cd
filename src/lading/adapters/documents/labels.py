"""Labels of parcels, four by six inches: PDF, and ZPL for label printers."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.units import inch, mm
from reportlab.pdfgen.canvas import Canvas

from lading.adapters.documents import fonts

WIDE, HIGH = 4 * inch, 6 * inch
EDGE = 4 * mm
FNC1 = "\xf1"
"""Says to scanners that GS1 data follow."""


@dataclass(slots=True, frozen=True)
class Label:
    """What it says; all texts are in their language already."""

    from_title: str
    sender: Sequence[str]
    to_title: str
    addressee: Sequence[str]
    """The last line is the country."""
    facts: Sequence[tuple[str, str]]
    code: str
    """In a Code 128: the tracking number, or the parcel's name."""
    sscc: str = ""
    """18 digits, in a GS1-128."""
    qr: str = ""

    @property
    def texts(self) -> str:
        """All signs that are set as text."""
        return "".join(
            (
                self.from_title,
                *self.sender,
                self.to_title,
                *self.addressee,
                *(word for fact in self.facts for word in fact),
            )
        )


NOT_IN_PDF = "Some signs may be missing: the setting papers_font names a font that has them."
NOT_IN_ZPL = "This printer may lack signs of it: a PDF with the setting papers_font has all."
"""Said on the label, for whoever sticks it on."""


def pdf(label: Label) -> bytes:
    """One page."""
    fonts.known()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(WIDE, HIGH), invariant=1)
    canvas.setTitle(label.code)
    _sender(canvas, label)
    _addressee(canvas, label)
    _facts(canvas, label)
    _codes(canvas, label)
    if fonts.lacking(label.texts, ours=True):
        _line(canvas, NOT_IN_PDF, EDGE, 2 * mm, 6)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _line(
    canvas: Canvas, text: str, x: float, y: float, size: float, font: str = fonts.REGULAR, most: float = WIDE - 2 * EDGE
) -> None:
    """One line, as large as fits, up to the size."""
    while size > 5 and fonts.width(text, font, size) > most:
        size -= 0.5
    for name, piece in fonts.runs(text, font):
        canvas.setFont(name, size)
        canvas.drawString(x, y, piece)
        x += fonts.width(piece, font, size)


def _rule(canvas: Canvas, y: float, weight: float = 1) -> None:
    canvas.setLineWidth(weight)
    canvas.line(EDGE, y, WIDE - EDGE, y)


def _sender(canvas: Canvas, label: Label) -> None:
    y = HIGH - EDGE - 7
    _line(canvas, label.from_title, EDGE, y, 6.5)
    for line in label.sender[:4]:
        y -= 9
        _line(canvas, line, EDGE, y, 8, most=WIDE - 2 * EDGE - 24 * mm)
    if label.qr:
        drawing = Drawing(20 * mm, 20 * mm)
        widget = QrCodeWidget(label.qr, barLevel="M", barBorder=0)
        widget.barWidth = widget.barHeight = 19 * mm
        drawing.add(widget)
        renderPDF.draw(drawing, canvas, WIDE - EDGE - 19 * mm, HIGH - EDGE - 19 * mm)
    _rule(canvas, HIGH - 25 * mm)


def _addressee(canvas: Canvas, label: Label) -> None:
    y = HIGH - 25 * mm - 10
    _line(canvas, label.to_title, EDGE, y, 7)
    *lines, country = label.addressee or [""]
    y -= 5
    for line in lines[:6]:
        y -= 15
        _line(canvas, line, EDGE + 3 * mm, y, 13, most=WIDE - 2 * EDGE - 3 * mm)
    y -= 17
    _line(canvas, country.upper(), EDGE + 3 * mm, y, 15, fonts.BOLD, most=WIDE - 2 * EDGE - 3 * mm)
    _rule(canvas, HIGH - 72 * mm)


def _facts(canvas: Canvas, label: Label) -> None:
    top = HIGH - 72 * mm
    for index, (title, value) in enumerate(label.facts[:6]):
        x = EDGE + (index % 3) * (WIDE - 2 * EDGE) / 3
        y = top - 9 - (index // 3) * 22
        _line(canvas, title, x, y, 6.5, most=(WIDE - 2 * EDGE) / 3 - 4)
        _line(canvas, value, x, y - 10, 9.5, fonts.BOLD, most=(WIDE - 2 * EDGE) / 3 - 4)
    _rule(canvas, HIGH - 89 * mm)


def _codes(canvas: Canvas, label: Label) -> None:
    _bars(
        canvas,
        label.code,
        label.code,
        HIGH - 89 * mm - 5 * mm - (18 if label.sscc else 28) * mm,
        (18 if label.sscc else 28) * mm,
    )
    if label.sscc:
        _rule(canvas, HIGH - 118 * mm)
        _bars(canvas, f"{FNC1}00{label.sscc}", f"(00) {label.sscc}", EDGE + 6 * mm, 20 * mm)


def _bars(canvas: Canvas, data: str, said: str, y: float, high: float) -> None:
    """Bars as wide as fit, their quiet zones included, with what they say below."""
    most = WIDE - 2 * EDGE
    module = 0.5 * mm
    while True:
        bars = Code128(data, barHeight=high, barWidth=module, quiet=True, lquiet=10 * module, rquiet=10 * module)
        if bars.width <= most or module <= 0.2 * mm:
            break
        module -= 0.02 * mm
    bars.drawOn(canvas, (WIDE - bars.width) / 2, y)
    size = 10.0
    _line(canvas, said, (WIDE - fonts.width(said, fonts.REGULAR, size)) / 2, y - 11, size)


def zpl(label: Label) -> bytes:
    """The same for a label printer of 203 dots an inch; texts are UTF-8."""
    wide, high = 812, 1218
    lines = ["^XA", "^CI28", f"^PW{wide}", f"^LL{high}", "^LH0,0", _zpl_text(30, 26, 18, label.from_title)]
    lines += [_zpl_text(30, 50 + 26 * at, 24, line, 590) for at, line in enumerate(label.sender[:4])]
    if label.qr:
        lines.append(f"^FO640,24^BQN,2,{5 if len(label.qr) < 60 else 4}^FH\\^FDMA,{_zpl_escaped(label.qr)}^FS")
    lines += ["^FO30,200^GB752,3,3^FS", _zpl_text(30, 214, 20, label.to_title)]
    *address, country = label.addressee or [""]
    lines += [_zpl_text(54, 248 + 44 * at, 38, line) for at, line in enumerate(address[:6])]
    lines += [_zpl_text(54, 256 + 44 * len(address[:6]), 46, country.upper()), "^FO30,576^GB752,3,3^FS"]
    for at, (title, value) in enumerate(label.facts[:6]):
        x, y = 30 + (at % 3) * 252, 590 + (at // 3) * 62
        lines += [_zpl_text(x, y, 18, title, 244), _zpl_text(x, y + 22, 28, value, 244)]
    if fonts.lacking(label.texts):
        lines.append(_zpl_text(30, 1188, 18, NOT_IN_ZPL))
    tall = 150 if label.sscc else 230
    lines += [
        "^FO30,712^GB752,3,3^FS",
        f"^BY{_module(label.code)},3",
        f"^FO60,740^BCN,{tall},Y,N,N,A^FH\\^FD{_zpl_escaped(label.code)}^FS",
    ]
    if label.sscc:
        # >; begins in the set of pairs of digits, >8 is FNC1: GS1 data follow.
        lines += ["^FO30,944^GB752,3,3^FS", "^BY3,3", f"^FO110,966^BCN,170,N,N,N^FD>;>800{label.sscc}^FS"]
        lines.append(_zpl_text(220, 1150, 28, f"(00) {label.sscc}"))
    return ("\n".join([*lines, "^PQ1", "^XZ"]) + "\n").encode()


def _module(code: str) -> int:
    """Dots of the narrowest bar: as many as fit on the label, with quiet zones of ten of them."""
    modules = int(Code128(code, barWidth=1, quiet=False).width) + 20
    return max(1, min(3, 782 // modules))


def _zpl_text(x: int, y: int, high: int, text: str, most: int = 0) -> str:
    """One line, no wider than `most` (0: up to the edge): smaller where it must be, and shorter where even that is too wide.

    What the printer's own font, which is narrower than ours, lacks is set in the one that has all scripts.
    """
    most = most or 782 - x
    while high > 18 and fonts.width(text, fonts.REGULAR, high) > most:
        high -= 2
    while fonts.width(text, fonts.REGULAR, high) > most:
        text = text[:-2] + "…"
    font = f"^A0N,{high},{high}" if all(ord(each) < 0x180 for each in text) else f"^A@N,{high},{high},E:TT0003M_.FNT"
    return f"^FO{x},{y}{font}^FH\\^FD{_zpl_escaped(text)}^FS"


def _zpl_escaped(text: str) -> str:
    """Signs that mean something to the printer, by their numbers."""
    return "".join(f"\\{ord(each):02X}" if each in "^~\\_" else each for each in text if each >= " ")
