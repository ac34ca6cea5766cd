"""Commands under their noun."""

import cyclopts

Groups = dict[str, cyclopts.App]


def group(groups: Groups, noun: str, help_: str) -> cyclopts.App:
    """The commands of a noun; made where it is new."""
    if noun not in groups:
        groups[noun] = cyclopts.App(name=noun, help=help_, result_action="return_value")
    return groups[noun]
