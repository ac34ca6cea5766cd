"""What a person can mend, said in a sentence."""

from __future__ import annotations


class Trouble(Exception):
    """A condition outside the program that the user can mend; its text is one or two plain sentences for the user.

    The command line prints the text and exits with 1; it never shows a traceback for it.
    """
