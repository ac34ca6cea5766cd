"""A twin of AvaTax: a server that speaks its wire format, knows a few places, and fails when it is told to.

It holds what it knows in memory. What a test or a trial may turn stands in `Dials`; over HTTP it is `POST /twin/dials`.
"""

import asyncio
import base64
import itertools
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Json = dict[str, Any]

RATES: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "NY": (("NY STATE TAX", "STA", "0.04"), ("NY CITY TAX", "CIT", "0.045"), ("NY SPECIAL TAX", "STJ", "0.00375")),
    "WA": (("WA STATE TAX", "STA", "0.065"), ("WA CITY TAX", "CIT", "0.0385")),
    "DE": (("Standard Rate", "CNT", "0.19"),),
}
"""By state or country: name, kind of jurisdiction, rate. Elsewhere nothing is taxed."""
UNTAXED = ("NT", "PC040100")
"""Codes that are taxed nowhere: what says so, and clothing."""
CENT = Decimal("0.01")


_encode = msgspec.json.Encoder(decimal_format="number").encode
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


class Dials(Struct, forbid_unknown_fields=True):
    """What goes wrong."""

    answers: list[str] = []
    """For the next calls, one each: ok; down (503, nothing done); late (done, answered too late); lost (done, the connection is closed);
    busy (429); broken (200, no JSON)."""
    is_down: bool = False
    """All calls are answered with 503."""
    late_seconds: float = 2.0


class Refused(Exception):
    """An answer in AvaTax's error format."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        detail = {"code": code, "message": message, "faultCode": "Client", "severity": "Error"}
        self.body = {"error": {"code": code, "message": message, "target": "HttpRequest", "details": [detail]}}


@dataclass(slots=True)
class Company:
    """All that the twin knows."""

    account: str = "1100000001"
    license_key: str = "TWIN"
    code: str = "DEFAULT"
    dials: Dials = field(default_factory=Dials)
    documents: dict[tuple[str, str], Json] = field(default_factory=dict)
    """What is kept, by code and type."""
    calls: list[tuple[str, str, Json]] = field(default_factory=list)
    """Method, path and body of everything that was asked."""
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(85_000_001))

    def is_known(self, header: str) -> bool:
        """Whether HTTP Basic authentication names the account."""
        told = base64.b64encode(f"{self.account}:{self.license_key}".encode()).decode()
        return header == f"Basic {told}"


def create_twin(company: Company) -> Starlette:
    """The server."""

    def does(
        act: Callable[[Company, Request, Json], Json], *, anybody: bool = False
    ) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            return await _answer(company, request, act, anybody=anybody)

        return endpoint

    async def turn(request: Request) -> Response:
        company.dials = msgspec.json.decode(await request.body(), type=Dials)
        return _json({})

    root = "/api/v2"
    return Starlette(
        routes=[
            Route(f"{root}/utilities/ping", does(ping, anybody=True)),
            Route(f"{root}/companies", does(list_companies)),
            Route(f"{root}/transactions/create", does(create), methods=["POST"]),
            Route(f"{root}/companies/{{company}}/transactions/{{code}}", does(show)),
            Route("/twin/dials", turn, methods=["POST"]),
        ]
    )


async def _answer(
    company: Company, request: Request, act: Callable[[Company, Request, Json], Json], *, anybody: bool
) -> Response:
    body = await request.body()
    asked: Json = _decode(body) if body else {}
    company.calls.append((request.method, request.url.path, asked))
    fault = company.dials.answers.pop(0) if company.dials.answers else "ok"
    if company.dials.is_down or fault == "down":
        return _json({"error": {"code": "ServerUnavailable", "message": "Come again."}}, 503)
    if fault == "busy":
        return _json({"error": {"code": "RateLimitExceeded", "message": "Come again."}}, 429)
    try:
        if not anybody and not company.is_known(request.headers.get("authorization", "")):
            raise Refused(401, "AuthenticationException", "The account number or license key is not right.")
        response = _json(act(company, request, asked), 201 if request.method == "POST" else 200)
    except Refused as refused:
        response = _json(refused.body, refused.status)
    if fault == "late":
        await asyncio.sleep(company.dials.late_seconds)
    if fault == "lost":
        raise ConnectionResetError("the twin closed the connection after it had done it")
    return Response(b"<html>", 200) if fault == "broken" else response


def _json(body: Json, status: int = 200) -> Response:
    return Response(_encode(body), status, media_type="application/json")


def ping(company: Company, request: Request, _: Json) -> Json:
    """Who is there, and whether it knows who asks."""
    known = company.is_known(request.headers.get("authorization", ""))
    return {"version": "twin", "authenticated": known, "authenticationType": "UsernamePassword" if known else "None"}


def list_companies(company: Company, request: Request, _: Json) -> Json:
    """The one that there is, where the filter names it."""
    found = f"'{company.code}'" in request.query_params.get("$filter", f"'{company.code}'")
    value = [{"id": 1, "companyCode": company.code, "isActive": True}] if found else []
    return {"@recordsetCount": len(value), "value": value}


def create(company: Company, _: Request, asked: Json) -> Json:
    """Calculate a document, and keep it unless it is only asked about."""
    if asked["companyCode"] != company.code:
        raise Refused(400, "CompanyNotFoundError", f"Company {asked['companyCode']} was not found.")
    kind, code = asked["type"], asked.get("code") or f"twin-{next(company.numbers)}"
    if (code, kind) in company.documents and company.documents[code, kind]["status"] == "Committed":
        raise Refused(400, "DocumentCodeConflict", f"A committed document {code} exists.")
    lines = [_line(each, asked) for each in asked["lines"]]
    document: Json = {
        "id": next(company.numbers), "code": code, "companyId": 1, "date": asked["date"], "type": kind,
        "status": "Committed" if asked.get("commit") else "Temporary" if kind == "SalesOrder" else "Saved",
        "currencyCode": asked.get("currencyCode", "USD"), "customerCode": asked["customerCode"],
        "referenceCode": asked.get("referenceCode"), "locked": False, "lines": lines,
        "totalAmount": sum((each["lineAmount"] for each in lines), Decimal(0)),
        "totalTax": sum((each["tax"] for each in lines), Decimal(0)),
    }  # fmt: skip
    if kind != "SalesOrder":
        company.documents[code, kind] = document
    return document


def _line(asked: Json, document: Json) -> Json:
    places = asked.get("addresses") or document.get("addresses") or {}
    place = places.get("shipTo") or places.get("singleLocation")
    if not place or not (place.get("postalCode") or place.get("region")):
        raise Refused(
            400, "AddressIncomplete", f"Line {asked['number']}: the address has neither postal code nor region."
        )
    amount, included = Decimal(asked["amount"]), bool(asked.get("taxIncluded"))
    exempt = document.get("exemptionNo") or asked.get("taxCode") in UNTAXED
    rates = () if exempt else RATES.get(place.get("region", "") if place["country"] == "US" else place["country"], ())
    whole = sum((Decimal(rate) for _, _, rate in rates), Decimal(0))
    net = amount / (1 + whole) if included else amount
    details = [
        {"country": place["country"], "region": place.get("region", ""), "jurisType": kind, "jurisName": name, "taxName": name,
         "rate": Decimal(rate), "tax": (net * Decimal(rate)).quantize(CENT, "ROUND_HALF_UP"), "taxType": "Sales"}
        for name, kind, rate in rates
    ]  # fmt: skip
    tax = sum((each["tax"] for each in details), Decimal(0))
    if (told := asked.get("taxOverride")) and told["type"] == "TaxAmount":
        tax = Decimal(told["taxAmount"])
    line_amount = amount - tax if included else amount
    return {
        "lineNumber": asked["number"], "lineAmount": line_amount, "tax": tax, "taxCode": asked.get("taxCode"),
        "taxIncluded": included, "details": details,
    }  # fmt: skip


def show(company: Company, request: Request, _: Json) -> Json:
    """One document that is kept."""
    return _found(company, request)


def _found(company: Company, request: Request) -> Json:
    key = request.path_params["code"], request.query_params.get("documentType", "SalesInvoice")
    if request.path_params["company"] != company.code or key not in company.documents:
        raise Refused(404, "EntityNotFoundError", f"There is no document {key[0]}.")
    return company.documents[key]
