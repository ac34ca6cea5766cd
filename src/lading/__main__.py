"""`python -m lading` is `lading`."""

from lading.entrypoints.cli.main import main

if __name__ == "__main__":
    main()
