"""Everything that is read: compositions over the rooms' tables, the same for the API, the console and the command line.

Nothing here writes, locks or decides. Every list comes in pages and walks an index.
"""

from lading.views.pages import NotFound

__all__ = ["NotFound"]
