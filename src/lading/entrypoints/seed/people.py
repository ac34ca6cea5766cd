"""The customers of the seeded merchant. All invented: example domains, telephone numbers of ranges kept for fiction."""

from random import Random
from typing import Any, NamedTuple

Fields = dict[str, Any]

_FIRST = {
    "DE": "Anneke Bjarne Carlotta Detlef Elif Florian Greta Henrik Imke Jonas Kerstin Lennart".split(),
    "GB": "Alasdair Bronwen Callum Daphne Ewan Fiona Gareth Harriet Imogen Kieran Lorna Nigel".split(),
    "JP": "Aiko Daichi Emiko Haruto Kaori Kenji Mayumi Naoki Reiko Sota Tomoko Yuto".split(),
}
_LAST = {
    "DE": "Ahlers Brinkmann Claasen Dierks Ehlers Frerichs Gerdes Hinrichs Janssen Kruse Lüders Oltmanns".split(),
    "GB": "Ashworth Bickerstaff Crowther Dunstan Entwistle Fothergill Grimshaw Haigh Ormerod Ramsbottom Sugden".split(),
    "JP": "Asakura Doi Fujimori Hamasaki Ishiguro Kawabata Matsunaga Nishimura Okabe Sakamoto Takeda Yoshioka".split(),
}  # fmt: skip
_STREETS = {
    "DE": "Deichgrafenweg Fährmannsallee Klabautergasse Leuchtfeuerring Möwenstieg Reepschlägerhof".split(),
    "GB": ["Bobbin Row", "Cloth Hall Rise", "Dyers Croft", "Packhorse Brow", "Tenter Ginnel", "Weavers Fold"],
    "JP": ["Hinodemachi 1", "Kawabatadori 4", "Minatomachi 7", "Sakurazaka 2", "Tsukimidai 5", "Yanagibashi 3"],
}
_CITIES = {
    "DE": [("Hamburg", "20457"), ("Bremen", "28195"), ("Leipzig", "04109"), ("Kiel", "24103")],
    "GB": [("Leeds", "LS1 4DY"), ("York", "YO1 7HH"), ("Bath", "BA1 1LZ"), ("Perth", "PH1 5TH")],
    "JP": [("Tokyo", "111-0052"), ("Osaka", "530-0001"), ("Sendai", "980-0811"), ("Nagoya", "450-0002")],
}
_PHONES = {"DE": "+49 30 23125{:03d}", "GB": "+44 1632 960{:03d}"}
_HOUSES = {"DE": "{street} {number}", "GB": "{number} {street}", "JP": "{street}-{number}"}
COUNTRIES = {"web": "DE", "marketplace": "GB", "tokyo": "JP"}
"""Where the customers of a channel live."""


class Person(NamedTuple):
    """A customer with an address."""

    name: str
    email: str
    phone: str | None
    street: str
    city: str
    postal_code: str
    country: str

    @property
    def customer(self) -> Fields:
        """As an order brings it."""
        return {"name": self.name, "email": self.email} | ({"phone": self.phone} if self.phone else {})

    @property
    def ship_to(self) -> Fields:
        """Where an order goes."""
        return {
            "name": self.name, "line1": self.street, "city": self.city, "postal_code": self.postal_code,
            "country": self.country,
        }  # fmt: skip


def people(rng: Random, each: int) -> dict[str, list[Person]]:
    """So many customers of each country; no name twice."""
    return {country: _of_country(rng, country, each) for country in COUNTRIES.values()}


def _of_country(rng: Random, country: str, count: int) -> list[Person]:
    names = [(first, last) for first in _FIRST[country] for last in _LAST[country]]
    found = []
    for first, last in rng.sample(names, count):
        number = rng.randint(1, 99)
        city, postal_code = rng.choice(_CITIES[country])
        street = rng.choice(_STREETS[country])
        phone = _PHONES[country].format(rng.randrange(1000)) if country in _PHONES and rng.random() < 0.4 else None
        address = f"{first}.{last}".casefold().replace("ü", "ue")
        found.append(
            Person(
                f"{first} {last}",
                f"{address}@example.{rng.choice(('com', 'org', 'net'))}",
                phone,
                _HOUSES[country].format(street=street, number=number),
                city,
                postal_code,
                country,
            )
        )  # fmt: skip
    return found
