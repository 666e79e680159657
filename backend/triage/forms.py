"""What officials type at the desk. Lengths are generous here; rules say what is too long."""

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, StringConstraints

from backend.kit.text import clean_line, clean_text
from backend.models import HandOverResult, Outcome, Standpoint

Key = Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)]
Line = Annotated[str, StringConstraints(max_length=2000), AfterValidator(clean_line)]
Words = Annotated[str, StringConstraints(max_length=20000), AfterValidator(clean_text)]


def _day(typed: object) -> object:
    """A date as people type it; anything else is no date and is asked for again."""
    match = re.fullmatch(r"\s*(\d{4})\D(\d{1,2})\D(\d{1,2})\D?\s*", str(typed or ""))
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


Day = Annotated[date | None, BeforeValidator(_day)]


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


class VerifyForm(DeskState):
    """核实: how the sender was reached."""

    how: Line = ""


class HandOverForm(ReasonForm):
    """移交 to 12345, 信访 or another office."""

    recipient: Key = ""


class MergeForm(DeskState):
    """合并 into another comment of the same consultation."""

    version: int
    into: Key = ""


class AnswerForm(DeskState):
    """移交结果: what the office said that a matter was handed to."""

    version: int
    result: Key = ""
    answer: Words = ""
    answered_on: Day = None

    @property
    def chosen(self) -> HandOverResult | None:
        return HandOverResult(self.result) if self.result in set(HandOverResult) else None


class SupportForm(DeskState):
    """请会办: which departments, and what they are asked."""

    version: int
    departments: list[int] = []
    question: Words = ""


class OpinionForm(DeskState):
    """会办意见 of the officer's own department."""

    version: int
    standpoint: Key = ""
    opinion: Words = ""

    @property
    def chosen(self) -> Standpoint | None:
        return Standpoint(self.standpoint) if self.standpoint in set(Standpoint) else None


class DisagreementForm(DeskState):
    """分歧情况."""

    version: int
    points: Words = ""
    drafter_view: Words = ""
    basis: Words = ""


class ApprovalForm(BaseModel):
    """审批步骤 of a consultation."""

    steps: int = 0


class SplitForm(DeskState):
    """拆分: the numbers of the sentences with which another matter begins."""

    version: int
    starts: list[int] = []


class LeaveForm(BaseModel):
    """休假代办: who is away, who works for them, from when until when."""

    officer_id: int | None = None
    delegate_id: int | None = None
    from_on: Day = None
    until_on: Day = None


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

    @property
    def decision(self) -> dict[str, str]:
        """The fields this has in common with the form of a single decision."""
        return {
            "outcome": self.outcome,
            "reason": self.reason,
            "change_section_key": self.change_section_key,
            "change_place": self.change_place,
            "reply": self.reply,
        }
