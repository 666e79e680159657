"""What officials type at the desk. Lengths are generous here; rules say what is too long."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, StringConstraints

from backend.kit.text import clean_line, clean_text
from backend.models import Outcome

Key = Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)]
Line = Annotated[str, StringConstraints(max_length=2000), AfterValidator(clean_line)]
Words = Annotated[str, StringConstraints(max_length=20000), AfterValidator(clean_text)]


class DeskState(BaseModel):
    """Where in the queue the official stands: sent along by every form, so nothing is lost."""

    q: Key = ""
    sort: Key = ""
    page: int = 1
    next_id: int | None = None


class ReviewForm(DeskState):
    """核定: the items, intent and sentiment an official confirms; empty keeps the machine's."""

    version: int
    items: list[Key] = []
    add_item: Line = ""
    sentiment: Key = ""
    intent: Key = ""


class DecisionForm(DeskState):
    """办理结论."""

    version: int
    outcome: Key = ""
    reason: Words = ""
    change_section_key: Key = ""
    change_place: Line = ""
    reply: Words = ""

    @property
    def chosen(self) -> Outcome | None:
        return Outcome(self.outcome) if self.outcome in set(Outcome) else None


class AssignForm(DeskState):
    """分办/转办: to a department, an officer, or both."""

    version: int
    department_id: int | None = None
    officer_id: int | None = None
    reason: Words = ""


class ReasonForm(DeskState):
    """退回, 取消合并 and other acts that need no more than a reason."""

    version: int
    reason: Words = ""


class ScreenForm(ReasonForm):
    """审核: whether the public may read a comment."""

    publish: bool = False


class HandOverForm(ReasonForm):
    """移交 to 12345, 信访 or another office."""

    recipient: Key = ""


class MergeForm(DeskState):
    """合并 into another comment of the same consultation."""

    version: int
    into: Key = ""


class NoteForm(DeskState):
    """内部备注."""

    text: Words = ""


class ViewForm(BaseModel):
    """A name for the present search."""

    name: Line = ""
    q: Key = ""
    shared: bool = False


class BulkForm(DeskState):
    """One act on the comments in `ids`, or on everything the search finds."""

    ids: list[int] = []
    everything: bool = False
    action: Key = ""
    outcome: Key = ""
    reason: Words = ""
    change_section_key: Key = ""
    change_place: Line = ""
    reply: Words = ""
    department_id: int | None = None
    officer_id: int | None = None

    @property
    def chosen(self) -> Outcome | None:
        return Outcome(self.outcome) if self.outcome in set(Outcome) else None
