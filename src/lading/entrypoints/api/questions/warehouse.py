"""What is asked in a warehouse."""

from lading.entrypoints.api.questions import Read
from lading.views import packing, pickups, print_jobs, put_backs, queues, vendor_orders, waves, work_list

READS: list[Read] = [
    Read("/v1/fulfillment-orders", "What a location has to pick, pack or hand over.", "fulfillment:read", queues.work,
         queues.WorkQuery, queues.WorkPage, {"location": "HAM", "stage": "to_pick"}),
    Read("/v1/print-jobs", "Papers that are to be printed, or were, the newest first.", "documents:read", print_jobs.print_jobs,
         print_jobs.PrintJobsQuery, print_jobs.PrintJobsPage, {"station": "PACK-1", "status": "waiting"}),
    Read("/v1/cartons", "All kinds of carton, by code.", "catalog:read", packing.cartons, packing.NoQuery, packing.Cartons),
    Read("/v1/parcel-rates", "What carriers ask for a parcel, by billed weight.", "catalog:read", packing.parcel_rates, packing.NoQuery,
         packing.ParcelRates),
    Read("/v1/parcels/proposal", "The cheapest cartons for a fulfillment order, and where each unit lies in them.", "fulfillment:read",
         packing.proposal, packing.ProposalQuery, packing.Proposal, {"fulfillment_order": "1042-F1"}),
    Read("/v1/vendor-orders", "What a vendor has to send for us, and where to: the longest waiting first.", "fulfillment:read",
         vendor_orders.vendor_orders, vendor_orders.VendorOrdersQuery, vendor_orders.VendorOrdersPage, {"vendor": "NORD"}),
    Read("/v1/work-list", "All that one location has to do now: to accept, pick, pack and hand over, who comes for what, what went wrong.",
         "fulfillment:read", work_list.work_list, work_list.WorkListQuery, work_list.WorkList, {"location": "HAM"}),
    Read("/v1/pickups", "What waits at a location for its customers, with what they say there.", "fulfillment:read",
         pickups.pickups, pickups.PickupsQuery, pickups.PickupsPage, {"location": "STORE-7"}),
    Read("/v1/put-backs", "What was cancelled after its pick and has to be laid on the shelf again, at one location.",
         "fulfillment:read", put_backs.put_backs, put_backs.PutBacksQuery, put_backs.PutBacksPage, {"location": "HAM"}),
    Read("/v1/waves", "Waves, the newest first: all, or those of one status or location.", "fulfillment:read", waves.waves,
         waves.WavesQuery, waves.WavesPage, {"location": "HAM", "status": "released"}),
    Read("/v1/waves/{wave}", "One wave: its pick lists, its fulfillment orders, and how far they are.", "fulfillment:read",
         waves.wave, waves.WaveQuery, waves.WaveView, {"wave": "WV1044"}),
    Read("/v1/pick-lists/{list}", "One pick list in the order of the walk: which bin, what, how many, into which box.",
         "fulfillment:read", waves.pick_list, waves.ListQuery, waves.PickListView, {"list": "WV1044-L1"}),
    Read("/v1/layouts/{location}", "The plan of a location: aisles, cross aisles, depot and bins.", "catalog:read", waves.layout,
         waves.LayoutQuery, waves.LayoutView, {"location": "HAM"}),
]  # fmt: skip
