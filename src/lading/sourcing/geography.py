"""How far apart places are. Pure."""

from math import asin, cos, radians, sin, sqrt

Point = tuple[float, float]
"""(latitude, longitude) in degrees"""

EARTH_KM = 6371.0088
PREFIX_MIN = 2


def kilometres(a: Point, b: Point) -> float:
    """The great circle between two points."""
    south, north = radians(a[0]), radians(b[0])
    half = sin((north - south) / 2) ** 2 + cos(south) * cos(north) * sin(radians(b[1] - a[1]) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(1.0, half)))


def postal_key(code: str) -> str:
    """A postal code as it is compared: capitals and digits only."""
    return "".join(character for character in code.upper() if character.isalnum())


def prefixes(code: str) -> list[str]:
    """What may be known of a postal code, the longest first: lists often hold only the beginning (GB, CA, BR)."""
    key = postal_key(code)
    return [key[:length] for length in range(len(key), min(PREFIX_MIN, len(key)) - 1, -1)] if key else []
