"""Papers for warehouses, carriers, customers and customs: PDF and ZPL, of plain facts."""
