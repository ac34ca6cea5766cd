"""What is asked of products, and of what is bought."""

from lading.entrypoints.api.questions import Read
from lading.views import inbound, kits, prices, products, replenishment, stories
from lading.views.timeline import Timeline

READS: list[Read] = [
    Read("/v1/price-lists", "Price lists by code: all, or those of a company and its group.", "prices:read", prices.price_lists,
         prices.PriceListsQuery, prices.PriceListsPage, {"company": "NORD"}),
    Read("/v1/price-lists/{price_list}", "One price list, and what products cost by it.", "prices:read", prices.price_list,
         prices.PriceListQuery, prices.PriceListView, {"price_list": "HOTELS-2026"}),
    Read("/v1/prices", "What so many units of a product cost somebody now, and by which list.", "prices:read", prices.cost,
         prices.CostQuery, prices.Cost, {"sku": "MUG-BLUE", "currency": "EUR", "quantity": 120, "company": "NORD"}),
    Read("/v1/replenishment", "What to order, what has run out, what lies too long: the most urgent first.", "stock:read",
         replenishment.replenishment, replenishment.ReplenishmentQuery, replenishment.ReplenishmentPage, {"state": "reorder"}),
    Read("/v1/purchase-orders", "Purchase orders, the newest first: all, or those of which something is expected.", "purchasing:read",
         inbound.purchase_orders, inbound.PurchaseOrdersQuery, inbound.PurchaseOrdersPage, {"status": "expected"}),
    Read("/v1/purchase-orders/{purchase_order}", "One purchase order: its lines, what of them comes when, and its ASNs.",
         "purchasing:read", inbound.purchase_order, inbound.PurchaseOrderQuery, inbound.PurchaseOrderView,
         {"purchase_order": "PO1042"}),
    Read("/v1/purchase-orders/{purchase_order}/timeline", "What happened to a purchase order, in sentences, the newest first.",
         "purchasing:read", stories.purchase_order_story, stories.PurchaseOrderStoryQuery, Timeline, {"purchase_order": "PO1042"}),
    Read("/v1/products", "Products by code, GTIN or words of their name.", "products:read", products.products,
         products.ProductsQuery, products.ProductsPage, {"q": "mug"}),
    Read("/v1/products/{sku}", "One product by code or id.", "products:read", products.product, products.ProductQuery,
         products.Product, {"sku": "MUG-BLUE"}),
    Read("/v1/kits", "Kits and what they are made of, by code.", "products:read", kits.kits, kits.KitsQuery,
         kits.KitsPage, {"component": "CUP-BLUE"}),
    Read("/v1/kits/{sku}", "What one kit is made of.", "products:read", kits.kit, kits.KitQuery, kits.KitView,
         {"sku": "TEA-SET"}),
    Read("/v1/substitutes", "What may be sent in place of products that are missing.", "products:read", kits.substitutes,
         kits.SubstitutesQuery, kits.SubstitutesPage, {"sku": "MUG-BLUE"}),
    Read("/v1/work-orders", "Work orders, the newest first.", "stock:read", kits.work_orders, kits.WorkOrdersQuery,
         kits.WorkOrdersPage, {"status": "waiting", "location": "HAM"}),
    Read("/v1/work-orders/{work_order}", "One work order, line by line.", "stock:read", kits.work_order,
         kits.WorkOrderQuery, kits.WorkOrderView, {"work_order": "W1043"}),
    Read("/v1/work-orders/{work_order}/timeline", "What happened to a work order, in sentences, the newest first.", "stock:read",
         stories.work_order_story, stories.WorkOrderStoryQuery, Timeline, {"work_order": "W1043"}),
]  # fmt: skip
