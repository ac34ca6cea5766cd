"""Reads ZPL as strictly as a printer never does, and sets it, to be looked at and scanned."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files
from itertools import combinations

import zxingcpp
from PIL import Image, ImageDraw, ImageFont

FONT = str(files("font_roboto") / "files" / "Roboto-Regular.ttf")


@dataclass(frozen=True)
class Field:
    """What stands at a place, with all that it covers."""

    kind: str
    """text, bars, square or line"""
    data: str
    box: tuple[int, int, int, int]
    image: Image.Image


class WrongZpl(AssertionError):
    """Not what a printer should be sent."""


def read(label: bytes) -> tuple[tuple[int, int], list[Field]]:
    """Its size in dots, and its fields. Raises WrongZpl for what is unknown, out of order, or beyond the label."""
    commands = re.findall(r"([\^~][A-Z@][A-Z0-9@]?)((?:[^\^~])*)", label.decode())
    if "".join(name + rest for name, rest in commands) != label.decode() or [commands[0][0], commands[-1][0]] != [
        "^XA",
        "^XZ",
    ]:
        raise WrongZpl("it is not commands from ^XA to ^XZ")
    wide = high = 0
    at: tuple[int, int] | None = None
    module, ratio, font, symbol, hexed = 2, 3, 0, "", False
    fields: list[Field] = []
    for name, rest in ((name, rest.rstrip("\n")) for name, rest in commands[1:-1]):
        numbers = [int(part) if part.isdecimal() else 0 for part in rest.split(",")]
        match name:
            case "^CI":
                assert rest == "28", "texts are UTF-8"
            case "^PW":
                wide = numbers[0]
            case "^LL":
                high = numbers[0]
            case "^LH":
                assert rest == "0,0"
            case "^PQ":
                assert rest == "1"
            case "^BY":
                module, ratio = numbers
                assert 1 <= module <= 10 and ratio == 3
            case "^FO":
                assert at is None, "the field before has no end"
                at, symbol, hexed = (numbers[0], numbers[1]), "", False
            case "^A0" | "^A@":
                assert rest.startswith("N,") and (name == "^A0" or rest.endswith(",E:TT0003M_.FNT"))
                font = numbers[1]
            case "^BC":
                assert re.fullmatch(r"N,\d+,[YN],N,N(,A)?", rest), rest
                symbol = f"bars,{numbers[1]}"
            case "^BQ":
                assert numbers[1] == 2 and 1 <= numbers[2] <= 10
                symbol = f"square,{numbers[2]}"
            case "^FH":
                assert rest == "\\"
                hexed = True
            case "^GB":
                assert at is not None
                fields.append(
                    Field("line", "", _box(at, numbers[0], numbers[1]), Image.new("L", (numbers[0], numbers[1]), 0))
                )
            case "^FD":
                assert at is not None
                text = re.sub(r"\\([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), rest) if hexed else rest
                image = _bars(text, module, symbol) if symbol else _text(text, font)
                fields.append(Field(symbol.partition(",")[0] or "text", text, _box(at, *image.size), image))
            case "^FS":
                at = None
            case _:
                raise WrongZpl(f"{name} is not known here")
    for field in fields:
        if field.box[2] > wide or field.box[3] > high:
            raise WrongZpl(f"{field.kind} {field.data} ends at {field.box[2:]} of {wide} by {high}")
    for one, other in combinations(fields, 2):
        if (
            one.box[0] < other.box[2]
            and other.box[0] < one.box[2]
            and one.box[1] < other.box[3]
            and other.box[1] < one.box[3]
        ):
            raise WrongZpl(f"{one.data or one.kind} lies over {other.data or other.kind}")
    return (wide, high), fields


def picture(size: tuple[int, int], fields: list[Field]) -> Image.Image:
    """The label as it is printed."""
    label = Image.new("L", size, 255)
    for field in fields:
        label.paste(field.image, field.box[:2])
    return label


def _box(at: tuple[int, int], wide: int, high: int) -> tuple[int, int, int, int]:
    return at[0], at[1], at[0] + wide, at[1] + high


def _text(text: str, high: int) -> Image.Image:
    font = ImageFont.truetype(FONT, int(high * 0.8))
    image = Image.new("L", (max(1, int(font.getlength(text))), high), 255)
    ImageDraw.Draw(image).text((0, 0), text, font=font, fill=0)
    return image


def _bars(text: str, module: int, symbol: str) -> Image.Image:
    kind, size = symbol.split(",")
    if kind == "square":
        assert text[:3] == "MA,", "medium correction, the printer chooses the mode"
        square = zxingcpp.create_barcode(text[3:], zxingcpp.BarcodeFormat.QRCode, ec_level="M")
        return Image.fromarray(square.to_image(scale=int(size), add_quiet_zones=False)).convert("L")
    gs1 = text.startswith(">;>8")
    if gs1:
        assert text[4:].isdecimal() and len(text) % 2 == 0, "pairs of digits behind FNC1"
    data = f"({text[4:6]}){text[6:]}" if gs1 else text
    bars = zxingcpp.create_barcode(data, zxingcpp.BarcodeFormat.Code128, gs1=gs1)
    row = Image.fromarray(bars.to_image(scale=1, add_quiet_zones=False)).convert("L")
    return row.crop((0, 0, row.width, 1)).resize((row.width * module, int(size)), Image.Resampling.NEAREST)
