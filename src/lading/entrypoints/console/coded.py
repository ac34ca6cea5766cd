"""What is saved whole and found by its code: a list, and one form for a new one and for one that there is."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from starlette.responses import Response

from lading.entrypoints.console import forms
from lading.entrypoints.console.context import Context, NotThere
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.forms import Simple


class Coded(Protocol):
    """Has a code."""

    @property
    def code(self) -> str: ...


Thing = TypeVar("Thing", bound=Coded)


@dataclass(frozen=True, slots=True)
class Kind(Generic[Thing]):
    """One kind of them. Its own fields follow the code."""

    verb: str
    address: str
    """Of the form."""
    back: str
    """Of the list."""
    title: str
    """With %(code)s."""
    new: str
    read: Callable[[Context], Awaitable[Sequence[Thing]]]
    """All that there are."""
    fields: Callable[[Context, Thing | None, Sequence[Thing]], Sequence[Field]]
    """For one of them, or a new one (None)."""
    payload: Callable[[Context, Thing | None, dict[str, Any]], dict[str, Any]] | None = None
    """What was typed as the command wants it; None: as it was typed."""
    note: str = ""

    async def show(self, context: Context) -> Response:
        """The form."""
        context.need("catalog:write")
        form, _found = await self._form(context, context.query("code"))
        return forms.show(context, form)

    async def save(self, context: Context) -> Response:
        """Save it; the code of what there is stays."""
        known = context.sent("_known")
        form, found = await self._form(context, known)
        payload = forms.payload_of(context, form.fields)
        if self.payload:
            payload = self.payload(context, found, payload)
        payload["code"] = known or payload.get("code", "")
        said = context._("%(code)s is saved.", code=payload["code"])
        return await forms.submit(context, self.verb, form, payload, self.back, said)

    async def _form(self, context: Context, code: str) -> tuple[Simple, Thing | None]:
        every = await self.read(context)
        found = next((each for each in every if each.code == code), None)
        if code and found is None:
            raise NotThere
        field = Field("code", context._("Code"), required=True, value=code, fixed=found is not None)
        title = context._(self.title, code=code) if found else context._(self.new)
        form = Simple(
            title, self.address, [field, *self.fields(context, found, every)], context._("Save"), self.back,
            context._(self.note) if self.note else "", "device-floppy", {"_known": code},
        )  # fmt: skip
        return form, found
