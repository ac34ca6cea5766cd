"""Money arithmetic in whole minor units; no float ever."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

# ISO 4217 (2024): currencies whose minor unit is not a hundredth.
_EXPONENTS = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}  # fmt: skip
_HUNDREDTHS = frozenset(
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK"
    " DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK"
    " LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON"
    " RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST"
    " XCD YER ZAR ZMW ZWG".split()
)


def exponent(currency: str) -> int | None:
    """Decimals of the currency's minor unit (0, 2 or 3), or None where ISO 4217 has no such currency."""
    if currency in _HUNDREDTHS:
        return 2
    return _EXPONENTS.get(currency)


def round_half_away(amount: Decimal) -> int:
    """To a whole number, ties away from zero (Python's ROUND_HALF_UP means just that)."""
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def to_minor(amount: Decimal, currency_exponent: int) -> int:
    """Whole minor units of an amount in units of the currency, rounded half away from zero."""
    return round_half_away(amount.scaleb(currency_exponent))


def exchanged(minor: int, currency: str, other: str, rate: Decimal) -> int:
    """Whole minor units of the other currency at the rate (what one unit is worth in it), rounded half away from zero."""
    units = Decimal(minor).scaleb(-(exponent(currency) or 0))
    return to_minor(units * rate, exponent(other) or 0)


def written_minor(amount: str, currency_exponent: int) -> int:
    """Whole minor units of an amount as the API writes it, with no more decimals than the currency has: '12.3' is 1230."""
    whole, _, decimals = amount.partition(".")
    return int(whole + decimals.ljust(currency_exponent, "0"))


def from_minor(minor: int, currency_exponent: int) -> str:
    """The amount as the API writes it: '12.30', '-0.05', '300'."""
    if currency_exponent == 0:
        return str(minor)
    sign = "-" if minor < 0 else ""
    whole, rest = divmod(abs(minor), 10**currency_exponent)
    return f"{sign}{whole}.{rest:0{currency_exponent}d}"


def share(amount: int, weights: Sequence[int]) -> list[int]:
    """Shares of the amount by weight that sum to it exactly (largest remainder; ties to the earlier one).

    Equal shares where all weights are zero. Raises ValueError on a negative weight or no weights.
    """
    if not weights or min(weights) < 0:
        raise ValueError("shares need at least one weight, none of them negative")
    total = sum(weights)
    if total == 0:
        weights, total = [1] * len(weights), len(weights)
    size, sign = abs(amount), -1 if amount < 0 else 1
    shares = [size * weight // total for weight in weights]
    if missing := size - sum(shares):
        by_remainder = sorted(range(len(weights)), key=lambda index: -(size * weights[index] % total))
        for index in by_remainder[:missing]:
            shares[index] += 1
    return [sign * part for part in shares]


def cumulative(amount: int, units: int, of: int) -> int:
    """What the first `units` of `of` units carry of the amount: |amount| x units // of, the sign put back (DESIGN 5)."""
    part = abs(amount) * units // of
    return -part if amount < 0 else part
