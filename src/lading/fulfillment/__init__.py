"""From the promise to the parcel: allocations, fulfillment orders, picks and packs."""
