"""The tables by which codes, countries and free texts of the file are read, decided by looking at the real lines."""

import re
from typing import Final

from lading.adapters.channels.online_retail.terms import AdjustmentReason, ChargeKind

CHARGE_KINDS: Final = {
    "POST": ChargeKind.SHIPPING,  # POSTAGE
    "DOT": ChargeKind.SHIPPING,  # DOTCOM POSTAGE
    "C2": ChargeKind.SHIPPING,  # CARRIAGE
    "C3": ChargeKind.SHIPPING,  # CARRIAGE, in other years of the same shop
    "BANK CHARGES": ChargeKind.FEE,
    "AMAZONFEE": ChargeKind.FEE,
    "CRUK": ChargeKind.FEE,  # commission given to a charity
    "S": ChargeKind.FEE,  # SAMPLES
    "D": ChargeKind.DISCOUNT,
    "M": ChargeKind.ADJUSTMENT,  # Manual
    "B": ChargeKind.ADJUSTMENT,  # Adjust bad debt
    "ADJUST": ChargeKind.ADJUSTMENT,
    "ADJUST2": ChargeKind.ADJUSTMENT,
}
"""Codes that are no merchandise. DCGS... and PADS look odd but are goods with a name, a price and stock."""

VOUCHER_PREFIX: Final = "GIFT_"
"""gift_0001_10 ... are vouchers: sold like a fee, without stock."""

MERCHANT_COSTS: Final = frozenset({"BANK CHARGES", "AMAZONFEE", "CRUK", "S"})
"""Credited without an order: the merchant's own cost."""

COUNTRY_CODES: Final = {
    "Australia": "AU", "Austria": "AT", "Bahrain": "BH", "Belgium": "BE", "Bermuda": "BM", "Brazil": "BR",
    "Canada": "CA", "Cyprus": "CY", "Czech Republic": "CZ", "Denmark": "DK", "EIRE": "IE", "Finland": "FI",
    "France": "FR", "Germany": "DE", "Greece": "GR", "Hong Kong": "HK", "Iceland": "IS", "Israel": "IL",
    "Italy": "IT", "Japan": "JP", "Korea": "KR", "Lebanon": "LB", "Lithuania": "LT", "Malta": "MT",
    "Netherlands": "NL", "Nigeria": "NG", "Norway": "NO", "Poland": "PL", "Portugal": "PT", "RSA": "ZA",
    "Saudi Arabia": "SA", "Singapore": "SG", "Spain": "ES", "Sweden": "SE", "Switzerland": "CH", "Thailand": "TH",
    "USA": "US", "United Arab Emirates": "AE", "United Kingdom": "GB",
}  # fmt: skip
"""Left out on purpose: Channel Islands (Jersey or Guernsey), European Community, West Indies, Unspecified."""

_REASONS: Final = tuple(
    (reason, re.compile(pattern, re.IGNORECASE))
    for reason, pattern in (
        (AdjustmentReason.MISCODED, r"wrong(ly)?\s*(code|mark)|barcode|mix\s*up|sold as \d{5}|coded as"),
        (AdjustmentReason.SOLD_ELSEWHERE, r"sold|dotcom|amazon|ebay"),
        (
            AdjustmentReason.DAMAGED,
            r"damage|broken|crack|smash|crush|mould|wet|rust|faulty|throw|unsal|smudge|incorrectly made|can't sell",
        ),
        (AdjustmentReason.CORRECTION, r"revers|adjust|credit|count|check|stock|returned"),
        (AdjustmentReason.LOST, r"lost|missing|\bmia\b|not rcvd|not received|mystery|stolen"),
        (AdjustmentReason.FOUND, r"found"),
        (AdjustmentReason.GIVEN_AWAY, r"sample|showroom|display|given away|mailout|gift"),
    )
)


_ONLY_LOSS: Final = frozenset({AdjustmentReason.DAMAGED, AdjustmentReason.LOST, AdjustmentReason.GIVEN_AWAY})
_ONLY_GAIN: Final = frozenset({AdjustmentReason.FOUND})


def charge_kind(folded_code: str) -> ChargeKind | None:
    """The kind of a code that is no merchandise, in upper case; None for goods."""
    if folded_code.startswith(VOUCHER_PREFIX):
        return ChargeKind.FEE
    return CHARGE_KINDS.get(folded_code)


def adjustment_reason(text: str, gain: bool) -> AdjustmentReason:
    """Why stock changed: the first row that fits. Damage that adds stock, or a find that takes some, corrects."""
    for reason, pattern in _REASONS:
        if pattern.search(text):
            return AdjustmentReason.CORRECTION if reason in (_ONLY_LOSS if gain else _ONLY_GAIN) else reason
    return AdjustmentReason.UNKNOWN
