"""Papers: what stands on them, in whose language, and that scanners read them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from reportlab.pdfbase import pdfmetrics

from lading.adapters.documents import fonts, labels
from lading.entrypoints.printing import texts
from lading.entrypoints.printing.making import Kind, Paper, PaperQuery, make
from lading.kernel.trouble import Trouble
from lading.packing import sscc
from lading.terms.money import Money
from lading.views import NotFound
from lading.views.order_parcels import crosses_customs
from tests.operations import zpl_reader
from tests.operations.conftest import Shop

SHOWN = os.environ.get("LADING_TEST_PAPERS")
"""A folder that the papers are kept in, to be looked at."""

MUG = {
    "length_mm": 120,
    "width_mm": 90,
    "height_mm": 100,
    "weight_grams": 380,
    "gtin": "4006381333931",
    "hs_code": "691200",
    "origin": "PT",
}
ZOFIA = {
    "name": "Zofia Łukasiewicz-Żółć", "company": "Ελένη & Co", "line1": "ul. Świętokrzyska 12/4", "postal_code": "00-116",
    "city": "Warszawa", "country": "PL",
}  # fmt: skip
PIERRE = {"name": "Pierre Lefèvre", "line1": "3 rue de l'Été", "postal_code": "75011", "city": "Paris", "country": "FR"}


def price(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


async def sold(shop: Shop, **fields: Any) -> str:
    """Two mugs and a watch, in one parcel that left; the number of the order."""
    await shop.do(
        "locations.save", code="HAM", name="Hamburg warehouse", kind="warehouse", country="DE", time_zone="Europe/Berlin", priority=1,
        address={"line1": "Speicherstadt 7", "postal_code": "20457", "city": "Hamburg"},
    )  # fmt: skip
    await shop.do("policies.set", name="gs1_company_prefix", value="9521234")
    await shop.do(
        "legal-entities.save", name="Northbound Goods GmbH", country="DE", line1="Am Kai 1", postal_code="20457", city="Hamburg",
        tax_number="DE123456789", footer="Northbound Goods GmbH · HRB 12345 · DE02 1203 0000 0000 2020 51",
    )  # fmt: skip
    await shop.batch(
        "products.save", {"sku": "MUG", "name": "Stoneware mug, blue", **MUG},
        {"sku": "WATCH", "name": "Field watch & strap", "tracking": "serial", "weight_grams": 140},
    )  # fmt: skip
    received = {"location": "HAM", "reason": "opening"}
    await shop.do("stock.receive", sku="MUG", quantity=9, **received)
    await shop.do("stock.receive", sku="WATCH", quantity=2, serials=["NW-1", "NW-2"], **received)
    await shop.batch(
        "bins.save", *({"location": "HAM", "code": code, "sequence": at} for at, code in enumerate(("A-2", "A-1")))
    )
    await shop.do("stock.put-away", sku="MUG", location="HAM", quantity=1, bin="A-2")
    lines = [
        {"sku": "MUG", "quantity": 2, "unit_price": price("14.50")},
        {"sku": "WATCH", "quantity": 1, "unit_price": price("189.00")},
    ]
    order = {
        "channel": "web",
        "currency": "EUR",
        "lines": lines,
        "ship_to": ZOFIA,
        "customer": {"name": "Zofia Ł."},
        **fields,
    }
    number = (await shop.do("orders.place", **order))["number"]
    await shop.do("orders.release", order=number)
    return str(number)


async def sent(shop: Shop, **fields: Any) -> str:
    """The same, picked, packed and gone; the parcel."""
    number = await sold(shop, **fields)
    watch = {"line": 2, "quantity": 1, "serials": ["NW-1"]}
    picked = {"fulfillment_order": f"{number}-F1"}
    await shop.do("fulfillment-orders.pick", **picked, lines=[{"line": 1, "quantity": 2}, watch])
    parcel = (await shop.do("parcels.pack", **picked, weight_grams=1_234))["parcel"]
    await shop.do("parcels.ship", parcel=parcel, carrier="DHL", tracking_number="00340434161094015902")
    return str(parcel)


async def paper(shop: Shop, kind: Kind, of: str, **how: Any) -> bytes:
    async with shop.database.read(shop.merchant_id) as tx:
        found = await make(tx, PaperQuery(kind, of, **how))
    keep(found, how.get("language", "auto"))
    return found.content


def keep(found: Paper, language: str) -> None:
    if SHOWN:
        Path(SHOWN, found.name.replace(".", f"-{language}.", 1)).write_bytes(found.content)


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in document).replace("\xa0", " ")


def codes_of(pdf: bytes) -> Mapping[str, str]:
    """What a scanner reads on the first page, by symbology."""
    image = pypdfium2.PdfDocument(pdf)[0].render(scale=4).to_pil()
    return {found.symbology_identifier + found.text: found.text for found in zxingcpp.read_barcodes(image)}


async def test_the_pick_list_goes_by_bins_and_the_slip_tells_the_customer_in_their_language(shop: Shop) -> None:
    number = await sold(shop)
    listed = text_of(await paper(shop, "pick-list", f"{number}-F1", language="en"))
    assert "Pick list" in listed and listed.index("A-2") < listed.index("–")
    assert listed.count("GTIN 4006381333931") == 2, "one from the bin, one from the floor"
    german = text_of(await paper(shop, "pick-list", f"{number}-F1"))
    assert "Pickliste" in german and "Seite 1 von 1" in german, "whoever picks in Hamburg reads German"


async def test_the_pick_list_takes_no_unit_of_a_bin_twice_and_goes_by_the_sequence_of_bins(shop: Shop) -> None:
    two = [{"sku": "MUG", "quantity": 2, "unit_price": price("14.50")}] * 2
    number = await sold(shop, lines=two)
    await shop.do("stock.put-away", sku="MUG", location="HAM", quantity=1, bin="A-1")
    said = text_of(await paper(shop, "pick-list", f"{number}-F1", language="en"))
    assert said.count("Stoneware mug, blue") == 3 and said.index("A-2") < said.index("A-1"), "two bins, then the floor"


async def test_the_pick_list_of_a_wave_goes_as_the_walk_goes_and_says_for_whom(shop: Shop) -> None:
    number = await sold(shop)
    other = (await shop.do("orders.place", **Shop.order({"MUG": 3})))["number"]
    await shop.do("orders.release", order=other)
    wave = (await shop.do("waves.plan", location="HAM", method="cluster"))["wave"]
    await shop.do("waves.release", wave=wave)
    said = text_of(await paper(shop, "pick-list", f"{wave}-L1", language="en"))
    for part in (
        f"{wave}-L1",
        "A-2",
        "GTIN 4006381333931",
        "Box 1",
        "Box 2",
        f"{number}-F1",
        f"{other}-F1",
        "Field watch & strap",
    ):
        assert part in said, part
    await shop.do("waves.pick", wave=wave, barcode="4006381333931", bin="A-2")
    assert "A-2" not in text_of(await paper(shop, "pick-list", f"{wave}-L1")), "what is picked is on no list"
    with pytest.raises(NotFound):
        await paper(shop, "pick-list", f"{wave}-L9")


async def test_names_of_all_europe_and_the_serials_stand_on_the_slip(shop: Shop) -> None:
    parcel = await sent(shop)
    slip = await paper(shop, "packing-slip", parcel)
    said = text_of(slip)
    for part in (
        "Zofia Łukasiewicz-Żółć",
        "Ελένη & Co",
        "ul. Świętokrzyska",
        "WARSZAWA",
        "NW-1",
        "Field watch & strap",
        "€218.00",
    ):
        assert part in said, part
    assert "]C0" + parcel in codes_of(slip) and "]Q1" + parcel in codes_of(slip)
    assert pypdfium2.PdfDocument(slip)[0].get_size() == pytest.approx((595, 842), abs=1)
    letter = await paper(shop, "packing-slip", parcel, paper="Letter")
    assert pypdfium2.PdfDocument(letter)[0].get_size() == pytest.approx((612, 792), abs=1)


async def test_a_word_to_whoever_gets_the_parcel_stands_on_the_slip_of_any_order(shop: Shop) -> None:
    parcel = await sent(
        shop, notes=[{"text": "Ring twice.", "audience": "recipient"}, {"text": "Grumpy.", "audience": "internal"}]
    )
    said = text_of(await paper(shop, "packing-slip", parcel, language="en"))
    assert "Ring twice." in said and "Grumpy." not in said and "€218.00" in said and "gift" not in said


async def test_a_gift_has_no_price_and_a_french_order_is_told_in_french(shop: Shop) -> None:
    parcel = await sent(shop, gift=True, ship_to=PIERRE)
    await shop.do("notes.add", order=parcel.partition("-")[0], text="Joyeux anniversaire !", audience="recipient")
    said = text_of(await paper(shop, "packing-slip", parcel))
    assert "Bon de livraison" in said and "€" not in said and "14" not in said.replace("1014", "") and "cadeau" in said
    assert "Joyeux anniversaire !" in said
    assert "Packing slip" in text_of(await paper(shop, "packing-slip", parcel, language="en"))


async def test_scanners_read_the_label_and_the_printer_gets_the_same(shop: Shop) -> None:
    parcel = await sent(shop, ship_to=PIERRE)
    label = await paper(shop, "label", parcel)
    read = codes_of(label)
    code = sscc.compose("9521234", 1)
    assert read["]C1(00)" + code] == f"(00){code}", "GS1-128, with its application identifier"
    assert "]C000340434161094015902" in read and "]Q100340434161094015902" in read
    assert "FRANKREICH" in text_of(label) and "Speicherstadt 7" in text_of(label) and "1,234 kg" in text_of(label)
    size, fields = zpl_reader.read(await paper(shop, "label", parcel, format="zpl"))
    printed = zpl_reader.picture(size, fields)
    if SHOWN:
        printed.save(Path(SHOWN, "label.png"))
    scanned = {found.symbology_identifier + found.text for found in zxingcpp.read_barcodes(printed)}
    assert scanned == {"]C1(00)" + code, "]C000340434161094015902", "]Q100340434161094015902"}
    texts = [field.data for field in fields if field.kind == "text"]
    assert {"Pierre Lefèvre", "FRANKREICH", "Speicherstadt 7", "1,234 kg", f"(00) {code}"} <= set(texts)


def test_what_the_type_of_papers_lacks_is_set_in_a_font_of_the_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    everybody = ["株式会社 ❖ Ада", "深圳市龙岗区", "臺北市溫州", "서울특별시"]
    told = labels.Label("Von", ["x"], "An", [*everybody, "Japan"], [], "1042-P1")
    assert [fonts.runs(each, fonts.REGULAR)[0][0] for each in everybody] == [
        "HeiseiKakuGo-W5", "STSong-Light", "MSung-Light", "HYGothic-Medium",
    ]  # fmt: skip
    assert [name for name, _ in fonts.runs("圳 서 Ада", fonts.BOLD)][::2] == ["STSong-Light", "HYGothic-Medium"]
    try:
        fonts.use(str(files("reportlab") / "fonts" / "Vera.ttf"))
        monkeypatch.setattr(fonts, "known", lambda: frozenset(map(ord, "VonAx Japn0123456789-P")))
        assert [name for name, _ in fonts.runs("株éx", fonts.BOLD)] == ["HeiseiKakuGo-W5", fonts.OWN, fonts.BOLD]
        monkeypatch.undo()
        said = text_of(labels.pdf(told))
        for part in ("株式会社", "深圳市龙岗区", "臺北市", "서울특별시", "papers_font"):
            assert part in said, part
        with pytest.raises(Trouble, match=r"nowhere\.ttf cannot be embedded"):
            fonts.use("nowhere.ttf")
    finally:
        pdfmetrics._fonts.pop(fonts.OWN, None)
        fonts._others.cache_clear()


def test_a_label_of_long_names_in_all_scripts_is_one_that_a_printer_takes() -> None:
    """Signs that are commands to a printer are names like others, and nothing runs beyond the paper."""
    lines = [
        "Wolfgang Amadé ^XZ ~JA Schlegelberger-Rüdesheimer\\Söhne & Cie. Sondermaschinenbau",
        "株式会社 山田",
        "C/O _",
        "x",
        "Norge",
    ]
    facts = [(title, "a value that is far too long for it") for title in "abcdef"]
    told = labels.Label(
        "Von", lines[:4], "An", lines, facts, "1042-P1-EXPRESS-LONG-REFERENCE-12", "095212340000000013", "1042-P1"
    )
    _, fields = zpl_reader.read(labels.zpl(told))
    texts = [field.data for field in fields]
    assert texts[-1] == "(00) 095212340000000013" and {"株式会社 山田", labels.NOT_IN_ZPL} <= set(texts)
    latin = labels.Label("Von", ["Łódź 7"], "An", ["Pérez", "Αθήνα", "Киев", "Norge"], [], "1042-P1")
    assert not any("signs" in field.data for field in zpl_reader.read(labels.zpl(latin))[1])
    assert "signs" not in text_of(labels.pdf(latin))


@pytest.mark.parametrize(
    ("language", "country", "price", "day"),
    [("pt", "PT", "14,50\xa0€", "24/11/2026"), ("pt", "BR", "€\xa014,50", "24 de nov. de 2026"), ("en", "GB", "€14.50", "24 Nov 2026"),
     ("en", "PL", "€14.50", "Nov 24, 2026"), ("de", "PT", "14,50\xa0€", "24.11.2026")],
)  # fmt: skip
def test_numbers_and_days_are_written_as_where_the_language_is_spoken(
    language: str, country: str, price: str, day: str
) -> None:
    words = texts.Words(language, country)
    assert (words.money(Money("14.50", "EUR")), words.day(date(2026, 11, 24))) == (price, day)


@pytest.mark.parametrize(
    ("source", "target", "declared"),
    [("DE", "PL", False), ("DE", "DE", False), ("JP", "JP", False), ("GB", "DE", True), ("DE", "CH", True), ("DE", None, False)],
)  # fmt: skip
def test_customs_want_papers_where_a_parcel_crosses_their_border(
    source: str, target: str | None, declared: bool
) -> None:
    assert crosses_customs(source, target) is declared


async def test_customs_are_told_what_it_is_worth_and_where_it_was_made(shop: Shop) -> None:
    parcel = await sent(shop)
    said = text_of(await paper(shop, "commercial-invoice", parcel))
    for part in ("Commercial invoice", "691200", "Portugal", "€29.00", "€218.00", "0.76 kg", "Poland"):
        assert part in said, part
    small = text_of(await paper(shop, "cn22", parcel))
    assert "CN 22" in small and "691200 PT" in small and "1.234 kg" in small and "€218.00" in small
    large = await paper(shop, "cn23", parcel, language="fr")
    for part in (
        "CN 23",
        "Déclaration en douane",
        "Am Kai 1",
        "WARSZAWA",
        "Portugal",
        "691200",
        "218,00 €",
        "1,234 kg",
    ):
        assert part in text_of(large), part
    assert "]C000340434161094015902" in codes_of(large)


async def test_what_is_billed_what_comes_back_and_what_left(shop: Shop) -> None:
    parcel = await sent(shop)
    number = parcel.partition("-")[0]
    (document,) = (await shop.do("invoices.issue", order=number, bill="all"))["documents"]
    bill = text_of(await paper(shop, "invoice", document["invoice"], language="es"))
    assert "Factura" in bill and "218,00 €" in bill and "HRB 12345" in bill and "DE123456789" in bill
    await shop.do("parcels.track", parcel=parcel, status="delivered", occurred_at=datetime.now(UTC).isoformat())
    back = await shop.do("returns.request", order=number, reason="damaged", lines=[{"line": 1, "quantity": 1}])
    slip = text_of(await paper(shop, "return-slip", back["document"], language="pt"))
    assert "chegou danificado" in slip and "Speicherstadt 7" in slip
    gone = text_of(await paper(shop, "manifest", "HAM", carrier="DHL"))
    assert parcel in gone and "00340434161094015902" in gone and sscc.compose("9521234", 1) in gone
    assert parcel not in text_of(await paper(shop, "manifest", "HAM", carrier="UPS"))


async def test_a_quote_says_what_it_would_cost_until_when_in_the_language_of_who_reads_it(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9)
    order = shop.order({"MUG": 200}, customer={"name": "Zoë Ñandú"}, language="fr")
    order["charges"] = [{"kind": "shipping", "code": "std", "amount": {"amount": "12.50", "currency": "EUR"}}]
    await shop.do("policies.set", name="taxes", value="calculate")
    await shop.do("tax-rates.save", country="DE", code="VAT", rate="10", valid_from="2020-01-01")
    made = await shop.do("drafts.create", **order, expires_at="2099-12-31T12:00:00+01:00")
    said = text_of(await paper(shop, "quote", made["draft"]))
    for part in ("Devis", made["draft"], "Ada Meyer", "Prix valables", "31 d", "Taxes", "2 213,75"):
        assert part in said.replace("\u202f", " "), part
    assert "Angebot" in text_of(await paper(shop, "quote", made["draft"], language="de"))


async def test_what_there_is_not_is_said(shop: Shop) -> None:
    parcel = await sent(shop)
    for kind, of, how, told in (
        ("label", "77-P1", {}, "no order 77"),
        ("label", parcel.replace("P1", "P9"), {}, "no parcel"),
        ("pick-list", parcel, {}, "1042-F1"),
        ("manifest", "MOON", {}, "no location MOON"),
        ("packing-slip", parcel, {"format": "zpl"}, "ZPL is for labels"),
        ("quote", "D77", {}, "no draft D77"),
        ("manifest", "HAM", {"on": date.max}, "Nothing left HAM"),
    ):
        with pytest.raises(NotFound, match=told):
            await paper(shop, kind, of, **how)


@pytest.mark.parametrize("language", texts.LANGUAGES[1:])
def test_every_text_of_papers_is_translated(language: str) -> None:
    hint = "run python -m lading.entrypoints.printing.texts, then translate what is empty"
    wanted = {message.id for message in texts.extracted() if message.id}
    catalog = texts.read(language)
    assert {message.id for message in catalog if message.id} == wanted, hint
    assert [message.id for message in catalog if message.id and not message.string] == [], hint
