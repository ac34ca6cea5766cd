"""Companies that buy: who they are, on which terms, what they owe, and what is late."""

from typing import Any
from urllib.parse import quote

import msgspec
from starlette.responses import Response

from lading.customers.company_commands import SaveCompany
from lading.entrypoints.api.problems import explain
from lading.entrypoints.console import forms
from lading.entrypoints.console.context import Context, NotThere, form_id
from lading.views import NotFound
from lading.views import companies as views
from lading.views.companies import CompanyView
from lading.views.timeline import latest_of

PAGE_SIZE = 50
OPEN_SHOWN = 50
STORY = 10
ROWS_MAX = 100
_PERSON = ("name", "email", "phone", "role")
_PLACE = ("use", "name", "line1", "line2", "postal_code", "city", "region", "country", "label")
Rows = list[dict[str, str]]


async def show_list(context: Context) -> Response:
    """Companies by code."""
    raw = {name: value for name in ("group", "after") if (value := context.query(name))}
    async with context.database.read(context.merchant.id) as tx:
        try:
            page = await views.companies(tx, msgspec.convert({**raw, "limit": PAGE_SIZE}, views.CompaniesQuery))
        except ValueError as error:
            raise NotThere from error
    return context.render("companies.html", page=page, group=raw.get("group", ""), is_later="after" in raw)


async def show_one(context: Context) -> Response:
    """A company, what it has to pay, and what happened."""
    found = await _find(context, str(context.request.path_params["code"]))
    async with context.database.read(context.merchant.id) as tx:
        query = views.ReceivablesQuery(status="open", company=found.code, limit=OPEN_SHOWN)
        open_ = await views.receivables(tx, query)
        story = await latest_of(tx, found.id, STORY)
    return context.render("company.html", company=found, open=open_.items, story=story)


async def show_receivables(context: Context) -> Response:
    """What companies have to pay."""
    asked = {"status": context.query("status") or "overdue"}
    raw = {name: value for name, value in {**asked, "after": context.query("after")}.items() if value}
    async with context.database.read(context.merchant.id) as tx:
        try:
            page = await views.receivables(tx, msgspec.convert({**raw, "limit": PAGE_SIZE}, views.ReceivablesQuery))
        except ValueError as error:
            raise NotThere from error
    return context.render("receivables.html", page=page, asked=asked, is_later="after" in raw)


async def show_form(context: Context) -> Response:
    """A company to be changed, or a new one."""
    context.need("companies:write")
    code = context.query("code")
    if not code:
        return _form(context, {"active": "yes", "currency": context.merchant.currency}, [{}], [{}], "")
    found = await _find(context, code)
    credit = next((each for each in found.credit if each.limit), None)
    sent = {
        "code": found.code, "fixed": "yes", "version": str(found.version), "name": found.name, "tax_number": found.tax_number or "",
        "group": found.group or "", "terms_days": "" if found.terms_days is None else str(found.terms_days),
        "limit": credit.limit.amount if credit and credit.limit else "",
        "currency": credit.owed.currency if credit else context.merchant.currency,
        "needs_purchase_order": "yes" if found.needs_purchase_order else "", "active": "yes" if found.active else "",
    }  # fmt: skip
    people = [{name: getattr(each, name) or "" for name in _PERSON} for each in found.contacts]
    places = [{name: getattr(each, name) or "" for name in _PLACE} for each in found.addresses]
    return _form(context, sent, people or [{}], places or [{}], "")


async def save(context: Context) -> Response:
    """Save it."""
    sent = {name: context.sent(name) for name in context.form}
    people, places = _rows(context, "person", _PERSON), _rows(context, "place", _PLACE)
    payload: dict[str, Any] = {name: sent[name] for name in ("code", "name", "tax_number", "group") if sent.get(name)}
    payload |= {name: sent.get(name) == "yes" for name in ("needs_purchase_order", "active")}
    if terms := sent.get("terms_days"):
        payload["terms_days"] = int(terms) if terms.isdecimal() and len(terms) < 6 else terms
    payload["credit_limits"] = await _limits(context, sent)
    payload["contacts"] = [
        {"person": {name: row[name] for name in _PERSON[:3] if row[name]}, "role": row["role"] or "buyer"}
        for row in people if any(row[name] for name in _PERSON[:3])
    ]  # fmt: skip
    payload["addresses"] = [
        {
            "address": {name: row[name] for name in _PLACE[1:-1] if row[name]}, "use": row["use"] or "both",
            **({"label": row["label"]} if row["label"] else {}),
        }
        for row in places if row["country"] or row["city"] or row["line1"]
    ]  # fmt: skip
    if (version := sent.get("version", "")).isdecimal() and int(version[:9]) > 0:
        payload["expected_version"] = int(version[:9])
    if errors := explain(SaveCompany, payload):
        return _form(context, sent, people, places, forms.all_wrong(errors))
    answer = await context.submit("companies.save", payload)
    if not answer.accepted:
        return _form(context, sent, people, places, context.why_not(answer))
    code = payload["code"]
    return context.go(f"/companies/of/{quote(code, safe='')}", context._("Company %(code)s was saved.", code=code))


async def _limits(context: Context, sent: dict[str, str]) -> list[dict[str, str]]:
    """The limit of the form, and those in other currencies, which it does not show."""
    currency = sent.get("currency", "")
    limits = [{"amount": limit.replace(",", "."), "currency": currency}] if (limit := sent.get("limit")) else []
    if sent.get("fixed") != "yes":
        return limits
    found = await _find(context, sent.get("code", ""))
    others = [each.limit for each in found.credit if each.limit and each.limit.currency != currency]
    return limits + [{"amount": each.amount, "currency": each.currency} for each in others]


def _rows(context: Context, kind: str, names: tuple[str, ...]) -> Rows:
    lists = [[str(value).strip() for value in context.form.getlist(f"{kind}_{name}")][:ROWS_MAX] for name in names]
    return [dict(zip(names, cells, strict=True)) for cells in zip(*lists, strict=False)]


def _form(context: Context, sent: dict[str, str], people: Rows, places: Rows, error: str) -> Response:
    return context.render(
        "company_edit.html", 409 if error else 200, sent=sent, people=people or [{}], places=places or [{}], error=error,
        once=form_id(),
    )  # fmt: skip


async def _find(context: Context, code: str) -> CompanyView:
    async with context.database.read(context.merchant.id) as tx:
        try:
            return await views.company(tx, views.CompanyQuery(code[:64]))
        except NotFound as error:
            raise NotThere from error
