"""Serial Shipping Container Codes: the name of a parcel that no other parcel in the world has. Pure."""

from dataclasses import dataclass

DIGITS = 18


@dataclass(slots=True)
class SsccSeries:
    """The serials of a GS1 company prefix; locked while one is drawn."""

    prefix: str
    last_serial: int

    def draw(self) -> str | None:
        """The next SSCC; None where the prefix has none left."""
        digits = DIGITS - 2 - len(self.prefix)
        if self.last_serial + 1 >= 10 ** (digits + 1):
            return None
        self.last_serial += 1
        return compose(self.prefix, self.last_serial)


def compose(prefix: str, serial: int) -> str:
    """The extension digit is the first one of the serial: there are ten times as many."""
    digits = f"{serial:0{DIGITS - 1 - len(prefix)}d}"
    code = digits[0] + prefix + digits[1:]
    return code + check_digit(code)


def check_digit(code: str) -> str:
    """Of GS1 numbers: threes and ones from the right, up to the next ten."""
    total = sum(int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(code)))
    return str(-total % 10)


def is_valid(code: str) -> bool:
    """Whether it is an SSCC."""
    return len(code) == DIGITS and code.isdecimal() and code.isascii() and check_digit(code[:-1]) == code[-1]
