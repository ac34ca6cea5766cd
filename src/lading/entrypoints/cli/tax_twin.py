"""`lading tax-twin`."""

from __future__ import annotations

import uvicorn

from lading.adapters.taxes.avatax_twin import Company, create_twin


def tax_twin(
    *, port: int = 8491, account: str = "1100000001", license_key: str = "TWIN", company: str = "DEFAULT"
) -> None:
    """Run a twin of AvaTax for trials: it speaks AvaTax's wire format, knows a few rates, files nothing, and forgets all when it ends.

    Parameters
    ----------
    port
        Where it listens, on this machine only; an account whose api_base is http://127.0.0.1:PORT uses it.
    account
        The account number that it knows.
    license_key
        The key of the account.
    company
        The company of the account.
    """
    app = create_twin(Company(account, license_key, company))
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", ws="none")
