"""Avalara AvaTax, REST v2: taxes of documents that are only asked about, and invoices and credit notes that it files.

An order is asked about as a `SalesOrder`, which AvaTax does not keep. What is kept is what was issued: an invoice is a committed
`SalesInvoice` under its own number, a credit note a committed `ReturnInvoice` that names its invoice, both with the taxes that were
charged, so that what is filed is what the customers paid. The same number twice is one document: AvaTax has it, and it is compared.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import httpx
import msgspec

from lading.kernel.money import exponent, from_minor
from lading.taxes.port import PaperLine, Rejected, ServiceAway, TaxPaper
from lading.terms.taxes import GOODS, Place, Tax, TaxDocument, TaxedItem

PRODUCTION, SANDBOX = "https://rest.avatax.com", "https://sandbox-rest.avatax.com"
TIMEOUT_SECONDS = 6.0
CLIENT = "Lading; 1; REST; v2"
"""Whoever calls, as AvaTax asks to be told."""
CODES: Mapping[str, str] = MappingProxyType(
    {GOODS: "P0000000", "shipping": "FR", "fee": "OF400000", "gift_wrap": "OF400000", "surcharge": "OF400000"}
)
"""AvaTax's codes of kinds of charges where the account says no others; a product's category that is not mapped is sent as it is."""
DUTY_AND_TIP = "NT"
"""AvaTax's code for what is not taxed."""
GUEST = "GUEST"
_KNOWN = ("DocumentCodeConflict", "DuplicateEntry", "CannotModifyLockedTransaction")
"""AvaTax has a document of that number already, and will not change it."""
_COME_AGAIN = (401, 403, 408, 425, 429)
"""Statuses that say nothing of the document: whoever mends the account, or waits, is answered."""


_encode = msgspec.json.Encoder(decimal_format="number").encode
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


class AvaTax:
    """One company of an AvaTax account."""

    def __init__(
        self, account: str, license_key: str, company: str, *, base: str = PRODUCTION, codes: Mapping[str, str] = CODES,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:  # fmt: skip
        self._company = company
        self._codes = {**CODES, **codes}
        self._http = httpx.AsyncClient(
            base_url=f"{base.rstrip('/')}/api/v2/",
            auth=(account, license_key),
            headers={"X-Avalara-Client": CLIENT},
            timeout=timeout_seconds,
        )

    async def close(self) -> None:
        """Close its connections."""
        await self._http.aclose()

    async def calculate(self, document: TaxDocument) -> Sequence[Tax]:
        """The taxes on each item, those of different names and rates apart. Raises ServiceAway and Rejected."""
        asked = [(index, item) for index, item in enumerate(document.items) if item.amount_minor > 0]
        if not asked:
            return []
        lines = [self._line(str(index), item, document) for index, item in asked]
        answer = await self._ask(
            "POST", "transactions/create", {
                "type": "SalesOrder", "companyCode": self._company, "date": str(document.day), "customerCode": GUEST,
                "currencyCode": document.currency, "exemptionNo": document.exemption, "commit": False, "lines": lines,
            },
        )  # fmt: skip
        try:
            return list(_taxes(answer["lines"], document))
        except (KeyError, TypeError, ValueError, ArithmeticError) as error:
            raise ServiceAway(f"AvaTax's answer cannot be read: {error!r}") from error

    def _line(self, number: str, item: TaxedItem, document: TaxDocument) -> dict[str, Any]:
        to = item.sent_from if item.collected else item.sent_to or document.sent_to or item.sent_from
        return {
            "number": number, "quantity": 1, "amount": _decimal(item.amount_minor, document.currency),
            "taxCode": self._code(item.kind, item.category), "taxIncluded": document.included,
            "addresses": _addresses(item.sent_from, to),
        }  # fmt: skip

    def _code(self, kind: str, category: str) -> str:
        if kind in ("duty", "tip"):
            return self._codes.get(kind, DUTY_AND_TIP)
        return self._codes.get(category, category) or self._codes.get(kind) or self._codes[GOODS]

    async def record(self, paper: TaxPaper) -> str:
        """File it under its number; the service's id of it. Raises ServiceAway and Rejected."""
        kind = "ReturnInvoice" if paper.credits else "SalesInvoice"
        body: dict[str, Any] = {
            "type": kind, "companyCode": self._company, "code": paper.name, "date": str(paper.day), "customerCode": paper.customer,
            "currencyCode": paper.currency, "exemptionNo": paper.exemption, "purchaseOrderNo": paper.order, "referenceCode": paper.credits,
            "commit": True, "addresses": _addresses(paper.sent_from, paper.sent_to),
            "lines": [self._paper_line(line, paper) for line in paper.lines],
        }  # fmt: skip
        try:
            answer = await self._ask("POST", "transactions/create", body)
        except Rejected as refusal:
            if refusal.code not in _KNOWN:
                raise
            answer = await self._ask("GET", f"{self._document(paper.name)}?documentType={kind}")
        if _minor(answer.get("totalTax", 0), paper.currency) != paper.tax_minor:
            raise Rejected("other_document", f"AvaTax has another document of the number {paper.name}.")
        return str(answer["id"])

    def _paper_line(self, line: PaperLine, paper: TaxPaper) -> dict[str, Any]:
        return {
            "number": line.number, "quantity": max(1, line.quantity), "amount": _decimal(line.amount_minor, paper.currency),
            "taxCode": self._code(line.kind, line.category), "itemCode": line.sku[:50], "description": line.name[:2096],
            "taxIncluded": line.included,
            "taxOverride": {
                "type": "TaxAmount", "taxAmount": _decimal(line.tax_minor, paper.currency), "taxDate": str(paper.taxed_on),
                "reason": "As charged",
            },
        }  # fmt: skip

    async def check(self) -> str | None:
        """What is wrong with the account, as AvaTax says; None where all is well. Raises ServiceAway."""
        try:
            if not (await self._ask("GET", "utilities/ping")).get("authenticated"):
                return "AvaTax does not know the account and its license key."
            found = await self._ask("GET", f"companies?$filter=companyCode eq '{self._company}'")
        except Rejected as refusal:
            return f"AvaTax refuses: {refusal}"
        return None if found.get("value") else f"The account has no company {self._company}."

    def _document(self, name: str) -> str:
        return f"companies/{self._company}/transactions/{name}"

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        content = None if body is None else _encode(body)
        try:
            reply = await self._http.request(
                method, path, content=content, headers={"Content-Type": "application/json"}
            )
        except httpx.HTTPError as error:
            raise ServiceAway(f"{type(error).__name__}: {error}") from error
        if reply.status_code >= 500 or reply.status_code in _COME_AGAIN:
            raise ServiceAway(f"AvaTax answered {reply.status_code}.")
        try:
            told = _decode(reply.content)
        except msgspec.DecodeError as error:
            raise ServiceAway("AvaTax's answer is no JSON.") from error
        if not isinstance(told, dict):
            raise ServiceAway("AvaTax's answer is no object.")
        if reply.status_code >= 400:
            raise _rejected(told)
        return told


def _rejected(told: Mapping[str, Any]) -> Rejected:
    """The word of AvaTax's own that says most: that of the first detail."""
    error = told.get("error") or {}
    details = [each for each in error.get("details") or () if each.get("code")]
    code = details[0]["code"] if details else error.get("code") or "rejected"
    return Rejected(str(code), str((details[0] if details else error).get("message") or code))


def _decimal(minor: int, currency: str) -> Decimal:
    return Decimal(from_minor(minor, exponent(currency) or 0))


def _minor(amount: Any, currency: str) -> int:
    """As AvaTax tells it, rounded to what the currency has."""
    scaled = Decimal(str(amount)).scaleb(exponent(currency) or 0)
    return int(scaled.quantize(Decimal(1), "ROUND_HALF_UP"))


def _addresses(sent_from: Place | None, to: Place | None) -> dict[str, Any]:
    """From one place to another; what goes nowhere is sold where it is."""
    if sent_from is None or to is None or sent_from == to:
        return {"singleLocation": _address(to or sent_from)} if to or sent_from else {}
    return {"shipFrom": _address(sent_from), "shipTo": _address(to)}


def _address(place: Place | None) -> dict[str, str]:
    if place is None:
        return {}
    told = {
        "line1": place.street, "city": place.city, "region": place.region, "postalCode": place.postal_code, "country": place.country,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value}


def _taxes(lines: Sequence[Mapping[str, Any]], document: TaxDocument) -> Iterator[Tax]:
    """One tax for each name and rate of a line: towns of one name and rate stand together. What rounding leaves over bears the largest."""
    for line in lines:
        index = int(line["lineNumber"])
        parts: dict[tuple[str, Decimal], int] = {}
        for detail in line.get("details") or ():
            name = str(detail.get("taxName") or detail.get("jurisName") or "TAX")[:64]
            key = name, round(Decimal(str(detail["rate"])) * 100, 4).normalize()
            parts[key] = parts.get(key, 0) + _minor(detail["tax"], document.currency)
        whole = _minor(line["tax"], document.currency)
        if not parts and whole:
            parts["TAX", Decimal(0)] = 0
        if parts and (left := whole - sum(parts.values())):
            parts[max(parts, key=lambda key: parts[key])] += left
        for (code, rate), amount in parts.items():
            if amount:
                yield Tax(index, code, rate, document.included, amount)
