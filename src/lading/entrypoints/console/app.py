"""The table of the console's pages."""

from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from lading.entrypoints.console import (
    actions,
    approvals,
    attributes,
    boxes,
    bulk,
    companies,
    counts,
    credits,
    disputes,
    docs,
    drafts,
    edits,
    events,
    exchange_rates,
    exports,
    feeds,
    holds,
    home,
    invoices,
    keys,
    kits,
    ledger,
    live,
    login,
    lots,
    network,
    new_order,
    orders,
    packing,
    palette,
    papers,
    payments,
    place,
    policies,
    pools,
    price_lists,
    print_queue,
    products,
    purchasing,
    receiving,
    replenishment,
    reservations,
    serials,
    shortages,
    sourcing,
    sourcing_rules,
    stock,
    stock_one,
    subscriptions,
    taxes,
    transfers,
    waves,
    work_list,
    work_orders,
)
from lading.entrypoints.console.context import Context, NotThere, page
from lading.entrypoints.console.rendering import STATIC
from lading.entrypoints.files import FILE_MAX_BYTES, Files
from lading.entrypoints.service import Service
from lading.settings import Settings

_YEAR_SECONDS = 31_536_000
_OTHERS = ("/v1/", "/health", "/ready", "/metrics", "/static/")
"""What is none of the console's business gets no page where nothing is found."""


ORDERS: Sequence[BaseRoute] = (
    Route("/queues", page(home.show_queues, "orders:read")),
    Route("/queues/held", page(holds.show, "orders:read")),
    Route("/queues/held/lift", page(holds.lift), methods=["POST"]),
    Route("/queues/coming_back", page(home.show_returns, "orders:read")),
    Route("/queues/unmatched_returns", page(home.show_unmatched, "orders:read")),
    Route("/queues/{stage}/{location}", page(home.show_work, "orders:read")),
    Route("/capacity", page(network.show_capacity, "catalog:read")),
    Route("/cartons", page(boxes.show_cartons, "catalog:read")),
    Route("/cartons/edit", page(boxes.CARTON.show)),
    Route("/cartons/edit", page(boxes.CARTON.save), methods=["POST"]),
    Route("/parcel-rates", page(boxes.show_rates, "catalog:read")),
    Route("/parcel-rates/edit", page(boxes.RATE.show)),
    Route("/parcel-rates/edit", page(boxes.RATE.save), methods=["POST"]),
    Route("/print-jobs", page(print_queue.show, "documents:read")),
    Route("/print-jobs/{verb}", page(print_queue.act), methods=["POST"]),
    Route("/work", page(work_list.show_places, "fulfillment:read")),
    Route("/work/{location}", page(work_list.show_list, "fulfillment:read")),
    Route("/work/{location}/all", page(work_list.run_all), methods=["POST"]),
    Route("/fulfillment-orders/{name}", page(work_list.show_one, "orders:read")),
    Route("/orders", page(orders.show_list, "orders:read")),
    Route("/orders/new", page(new_order.show)),
    Route("/orders/new", page(new_order.run), methods=["POST"]),
    Route("/orders/bulk", page(bulk.run), methods=["POST"]),
    Route("/orders/{ref}", page(orders.show_one, "orders:read")),
    Route("/orders/{ref}/sourcing", page(sourcing.show_order, "orders:read")),
    Route("/sourcing", page(sourcing_rules.show, "orders:read")),
    Route("/sourcing", page(sourcing_rules.change, "orders:read"), methods=["POST"]),
    Route("/sourcing/previews", page(sourcing.make_preview), methods=["POST"]),
    Route("/sourcing/previews/{ref}", page(sourcing.show_preview, "orders:read")),
    Route("/sourcing/previews/{ref}", page(sourcing.carry_out), methods=["POST"]),
    Route("/orders/{ref}/statement", page(orders.show_statement, "orders:read")),
    Route("/orders/{ref}/do/{verb}", page(actions.show, "orders:read")),
    Route("/orders/{ref}/do/{verb}", page(actions.run), methods=["POST"]),
    Route("/pack", page(packing.start, "fulfillment:read")),
    Route("/pack/{ref}", page(packing.show, "fulfillment:read")),
    Route("/pack/{ref}", page(packing.pack), methods=["POST"]),
    Route("/documents/{kind}/{of}", page(papers.show, "documents:read")),
    Route("/orders/{ref}/payments", page(payments.show_order, "orders:read")),
    Route("/waves", page(waves.show_list, "fulfillment:read")),
    Route("/waves/new", page(waves.show_new)),
    Route("/waves/new", page(waves.plan), methods=["POST"]),
    Route("/waves/{ref}", page(waves.show_one, "fulfillment:read")),
    Route("/waves/{ref}/take", page(waves.take), methods=["POST"]),
    Route("/waves/{ref}/do/{verb}", page(waves.show_act)),
    Route("/waves/{ref}/do/{verb}", page(waves.act), methods=["POST"]),
    Route("/waves/{ref}/lists/{list}", page(waves.show_paper, "fulfillment:read")),
    Route("/waves/{ref}/walk/{list}", page(waves.show_walk, "fulfillment:read")),
    Route("/waves/{ref}/walk/{list}", page(waves.record), methods=["POST"]),
)
"""Orders, what waits, where it comes from, and the work of locations."""

SELLING: Sequence[BaseRoute] = (
    Route("/subscriptions", page(subscriptions.show_list, "subscriptions:read")),
    Route("/subscriptions/new", page(subscriptions.show_new)),
    Route("/subscriptions/new", page(subscriptions.create), methods=["POST"]),
    Route("/subscriptions/{ref}", page(subscriptions.show_one, "subscriptions:read")),
    Route("/subscriptions/{ref}/do/{verb}", page(subscriptions.show_act, "subscriptions:read")),
    Route("/subscriptions/{ref}/do/{verb}", page(subscriptions.run), methods=["POST"]),
    Route("/approvals", page(approvals.show_list, "orders:read")),
    Route("/edits", page(edits.show_list, "orders:read")),
    Route("/approvals/{document}/{verb}", page(approvals.show_act)),
    Route("/approvals/{document}/{verb}", page(approvals.run), methods=["POST"]),
    Route("/price-lists", page(price_lists.show_list, "prices:read")),
    Route("/price-lists/edit", page(price_lists.show_form, "prices:read")),
    Route("/price-lists/edit", page(price_lists.save), methods=["POST"]),
    Route("/price-lists/of/{code:path}", page(price_lists.show_one, "prices:read")),
    Route("/price-lists/price", page(price_lists.show_price, "prices:read")),
    Route("/price-lists/price", page(price_lists.set_price), methods=["POST"]),
    Route("/companies", page(companies.show_list, "companies:read")),
    Route("/companies/edit", page(companies.show_form, "companies:read")),
    Route("/companies/edit", page(companies.save), methods=["POST"]),
    Route("/companies/of/{code:path}", page(companies.show_one, "companies:read")),
    Route("/receivables", page(companies.show_receivables, "orders:read")),
    Route("/drafts", page(drafts.show_list, "drafts:read")),
    Route("/drafts/{ref}", page(drafts.show_one, "drafts:read")),
    Route("/drafts/{ref}/edit", page(drafts.show_edit, "drafts:read")),
    Route("/drafts/{ref}/edit", page(drafts.edit), methods=["POST"]),
    Route("/drafts/{ref}/do/{verb}", page(drafts.show_act, "drafts:read")),
    Route("/drafts/{ref}/do/{verb}", page(drafts.run), methods=["POST"]),
)
"""Who buys, at which prices, and what is not an order yet."""

MONEY: Sequence[BaseRoute] = (
    Route("/payments", page(payments.show_troubles, "orders:read")),
    Route("/disputes", page(payments.show_disputes, "orders:read")),
    Route("/disputes/answer", page(disputes.show_answer)),
    Route("/disputes/accept", page(disputes.show_accept)),
    Route("/disputes/accept", page(disputes.accept), methods=["POST"]),
    Route("/settlement", page(payments.show_settlement, "orders:read")),
    Route("/settlement", page(payments.reconcile, "orders:read"), methods=["POST"]),
    Route("/credits", page(credits.show_list, "orders:read")),
    Route("/credits/new", page(credits.show_new)),
    Route("/credits/new", page(credits.issue), methods=["POST"]),
    Route("/credits/{ref}", page(credits.show_one, "orders:read")),
    Route("/credits/{ref}/end", page(credits.show_end)),
    Route("/credits/{ref}/end", page(credits.end), methods=["POST"]),
    Route("/ledger", page(ledger.show_days, "orders:read")),
    Route("/ledger/{day}", page(ledger.show_day, "orders:read")),
    Route("/invoices", page(invoices.show_list, "invoices:read")),
    Route("/invoices/{name}", page(invoices.show_one, "invoices:read")),
)
"""What is paid, owed and billed."""

STOCK: Sequence[BaseRoute] = (
    Route("/stock", page(stock.show_list, "stock:read")),
    Route("/stock/of/{sku:path}", page(stock_one.show, "stock:read")),
    Route("/stock/pools/edit", page(pools.show_form, "stock:read")),
    Route("/stock/pools/edit", page(pools.save), methods=["POST"]),
    Route("/stock/pools/remove", page(pools.show_remove, "stock:read")),
    Route("/stock/pools/remove", page(pools.remove), methods=["POST"]),
    Route("/lots", page(lots.show_list, "stock:read")),
    Route("/lots/of", page(lots.show_one, "stock:read")),
    Route("/lots/swap", page(lots.show_swap)),
    Route("/lots/swap", page(lots.swap), methods=["POST"]),
    Route("/lots/do/{verb}", page(lots.show_act)),
    Route("/lots/do/{verb}", page(lots.run), methods=["POST"]),
    Route("/serials", page(serials.show_list, "stock:read")),
    Route("/serials/of", page(serials.show_one, "stock:read")),
    Route("/reservations", page(reservations.show_list, "reservations:read")),
    Route("/reservations/new", page(reservations.show_new)),
    Route("/reservations/new", page(reservations.make), methods=["POST"]),
    Route("/reservations/{ref}/do/{verb}", page(reservations.show_act)),
    Route("/reservations/{ref}/do/{verb}", page(reservations.run), methods=["POST"]),
    Route("/exports/{name}.{format}", page(exports.show, "exports:read")),
    Route("/stock/receive", page(stock.show_receive)),
    Route("/stock/receive", page(stock.receive), methods=["POST"]),
    Route("/stock/adjust", page(stock.show_adjust)),
    Route("/stock/adjust", page(stock.adjust), methods=["POST"]),
    Route("/kits", page(kits.show_list, "products:read")),
    Route("/kits/edit", page(kits.show_form)),
    Route("/kits/edit", page(kits.save), methods=["POST"]),
    Route("/stock/move", page(stock.show_move)),
    Route("/stock/move", page(stock.move), methods=["POST"]),
    Route("/stock/set", page(stock.show_set)),
    Route("/stock/set", page(stock.set_to), methods=["POST"]),
    Route("/stock/transfer", page(stock.show_transfer)),
    Route("/stock/transfer", page(stock.transfer), methods=["POST"]),
)
"""What lies where."""

MOVES: Sequence[BaseRoute] = (
    Route("/counts", page(counts.show_list, "counts:read")),
    Route("/counts/open", page(counts.show_open)),
    Route("/counts/open", page(counts.open_count), methods=["POST"]),
    Route("/counts/{ref}", page(counts.show_one, "counts:read")),
    Route("/counts/{ref}/scan", page(counts.show_counting, "counts:read")),
    Route("/counts/{ref}/record", page(counts.record), methods=["POST"]),
    Route("/counts/{ref}/recount", page(counts.recount), methods=["POST"]),
    Route("/counts/{ref}/approve", page(counts.show_approve)),
    Route("/counts/{ref}/approve", page(counts.approve), methods=["POST"]),
    Route("/counts/{ref}/cancel", page(counts.show_cancel)),
    Route("/counts/{ref}/cancel", page(counts.cancel), methods=["POST"]),
    Route("/transfers", page(transfers.show_list, "stock:read")),
    Route("/transfers/new", page(transfers.show_new)),
    Route("/transfers/new", page(transfers.create), methods=["POST"]),
    Route("/transfers/{ref}", page(transfers.show_one, "stock:read")),
    Route("/transfers/{ref}/do/{verb}", page(transfers.show_act, "stock:read")),
    Route("/transfers/{ref}/do/{verb}", page(transfers.do), methods=["POST"]),
    Route("/work-orders", page(work_orders.show_list, "stock:read")),
    Route("/work-orders/new", page(work_orders.show_new)),
    Route("/work-orders/new", page(work_orders.open_work), methods=["POST"]),
    Route("/work-orders/{ref}", page(work_orders.show_one, "stock:read")),
    Route("/work-orders/{ref}/complete", page(work_orders.show_complete, "stock:read")),
    Route("/work-orders/{ref}/complete", page(work_orders.complete), methods=["POST"]),
    Route("/work-orders/{ref}/cancel", page(work_orders.show_cancel, "stock:read")),
    Route("/work-orders/{ref}/cancel", page(work_orders.cancel), methods=["POST"]),
    Route("/shortages", page(shortages.show_list, "stock:read")),
    Route("/shortages/plan", page(shortages.show_plan, "stock:read")),
    Route("/shortages/apply", page(shortages.apply), methods=["POST"]),
)
"""What is counted, moved, made and missed."""

PURCHASING: Sequence[BaseRoute] = (
    Route("/purchase-orders", page(purchasing.show_list, "purchasing:read")),
    Route("/purchase-orders/new", page(purchasing.show_new)),
    Route("/purchase-orders/new", page(purchasing.place), methods=["POST"]),
    Route("/purchase-orders/{ref}", page(purchasing.show_one, "purchasing:read")),
    Route("/purchase-orders/{ref}/receive", page(receiving.show, "purchasing:read")),
    Route("/purchase-orders/{ref}/receive", page(receiving.run), methods=["POST"]),
    Route("/purchase-orders/{ref}/do/{verb}", page(purchasing.show_act, "purchasing:read")),
    Route("/purchase-orders/{ref}/do/{verb}", page(purchasing.act), methods=["POST"]),
    Route("/replenishment", page(replenishment.show, "stock:read")),
)
"""What is bought."""

SET_UP: Sequence[BaseRoute] = (
    Route("/locations/layout/{code:path}", page(waves.show_layout, "catalog:read")),
    Route("/products", page(products.show_list, "products:read")),
    Route("/products/options", page(products.options, "products:read")),
    Route("/products/edit", page(products.show_form)),
    Route("/products/save", page(products.save), methods=["POST"]),
    Route("/products/template.csv", page(products.template)),
    Route("/products/import", page(products.show_import)),
    Route("/products/import", page(products.preview_import), methods=["POST"]),
    Route("/products/import/run", page(products.run_import), methods=["POST"]),
    Route("/locations", page(network.show_locations, "catalog:read")),
    Route("/locations/new", page(network.show_location)),
    Route("/locations/new", page(network.save_location), methods=["POST"]),
    Route("/locations/of/{code:path}", page(place.show, "catalog:read")),
    Route("/locations/of/{code:path}", page(place.save), methods=["POST"]),
    Route("/location-groups/edit", page(network.GROUP.show)),
    Route("/location-groups/edit", page(network.GROUP.save), methods=["POST"]),
    Route("/attributes", page(attributes.show, "catalog:read")),
    Route("/attributes/edit", page(attributes.show_form)),
    Route("/attributes/save", page(attributes.save), methods=["POST"]),
    Route("/exchange-rates", page(exchange_rates.show_list, "prices:read")),
    Route("/exchange-rates/new", page(exchange_rates.show_new)),
    Route("/exchange-rates/save", page(exchange_rates.save), methods=["POST"]),
    Route("/tax-rates", page(taxes.show_list, "taxes:read")),
    Route("/tax-rates/edit", page(taxes.show_edit)),
    Route("/tax-rates/save", page(taxes.save), methods=["POST"]),
    Route("/tax-rates/repeat", page(taxes.repeat), methods=["POST"]),
    Route("/channels", page(network.show_channels, "catalog:read")),
    Route("/channels/edit", page(network.CHANNEL.show)),
    Route("/channels/save", page(network.CHANNEL.save), methods=["POST"]),
    Route("/policies", page(policies.show, "policies:read")),
    Route("/policies/set", page(policies.show_form)),
    Route("/policies/set", page(policies.save), methods=["POST"]),
    Route("/events", page(events.show, "events:read")),
    Route("/docs", page(docs.show)),
    Route("/keys", page(keys.show)),
    Route("/keys/new", page(keys.show_form)),
    Route("/keys/new", page(keys.make), methods=["POST"]),
    Route("/keys/{prefix}/revoke", page(keys.show_revoke)),
    Route("/keys/{prefix}/revoke", page(keys.revoke), methods=["POST"]),
)
"""What a merchant says once, and what the journal says."""


EVIDENCE_MAX_BYTES = 6_000_000
"""A form with a file for a bank: more than that no provider takes."""


def routes(service: Service, settings: Settings) -> Sequence[BaseRoute]:
    """All pages. Who reads the journal for open windows is made once."""
    readers = live.Live(service.database)

    async def stream(context: Context) -> Response:
        return await live.stream(context, readers)

    files = Files(settings.files, service.database)

    async def hand_in(context: Context) -> Response:
        return await feeds.hand_in(context, files)

    async def answer_dispute(context: Context) -> Response:
        return await disputes.answer(context, files)

    return [
        Mount("/static", _KeptFiles(directory=STATIC), name="static"),
        Route("/login", login.show),
        Route("/login", login.enter, methods=["POST"]),
        Route("/logout", page(login.leave), methods=["POST"]),
        Route("/", page(home.show)),
        Route("/live", page(stream)),
        Route("/palette", page(palette.show)),
        *ORDERS,
        *SELLING,
        *MONEY,
        *STOCK,
        *MOVES,
        *PURCHASING,
        Route("/disputes/answer", page(answer_dispute, bytes_max=EVIDENCE_MAX_BYTES), methods=["POST"]),
        Route("/stock-feeds", page(feeds.show_list, "stock:read")),
        Route("/stock-feeds/new", page(feeds.show_new)),
        Route("/stock-feeds/new", page(hand_in, bytes_max=FILE_MAX_BYTES), methods=["POST"]),
        Route("/stock-feeds/{reference:path}", page(feeds.show_one, "stock:read")),
        *SET_UP,
        Route("/{rest:path}", _nothing),
    ]


class _KeptFiles(StaticFiles):
    """Files whose address holds a digest of their content are kept by browsers for a year."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file; 404 where there is none."""
        response = await super().get_response(path, scope)
        if response.status_code == 200 and scope["query_string"].startswith(b"v="):
            response.headers["cache-control"] = f"public, max-age={_YEAR_SECONDS}, immutable"
        response.headers["x-content-type-options"] = "nosniff"
        return response


async def _nothing(request: Request) -> Response:
    """A friendly page for people, the usual problem for machines."""
    if request.url.path.startswith(_OTHERS):
        raise HTTPException(404)
    return await page(_not_there)(request)


async def _not_there(_: Context) -> Response:
    raise NotThere
