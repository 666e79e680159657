"""What must hold before a plan may be shown to the public. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis.contracts import ParsedPlan, PlanWarning
from backend.models import PlanVersion

SECRECY = "secrecy_marking"


def warnings_of(parsed: Mapping[str, Any], code: str) -> list[Mapping[str, Any]]:
    return [warning for warning in parsed.get("warnings", []) if warning["code"] == code]


def secrecy_markings(version: PlanVersion) -> list[str]:
    """The words of secrecy found in the document (内部资料, 秘密 …)."""
    return [w["quote"] or w["message"] for w in warnings_of(version.parsed, SECRECY)]


def reason_not_to_publish(version: PlanVersion | None) -> str | None:
    """Why this version may not be published, or None."""
    if version is None:
        return "还没有导入规划文本。"
    if version.confirmed_at is None:
        return "规划的章节、指标和任务还没有人核对确认。"
    if secrecy_markings(version) and not version.release_reason:
        marks = "、".join(secrecy_markings(version))
        return f"文件里有密级或内部标记（{marks}），需要由负责人填写公开依据后才能发布。"
    return None


@dataclass(frozen=True, slots=True)
class PlacedWarning:
    """A warning, its number in the plan, and the key of the passage or heading it is about."""

    index: int
    warning: PlanWarning
    place: str | None


def warnings_by_kind(plan: ParsedPlan) -> dict[str, list[PlacedWarning]]:
    """Code → its warnings, the gravest kind first as the reader gives them."""
    groups: dict[str, list[PlacedWarning]] = {}
    titles = sorted(((s.title, s.id) for s in plan.sections), key=lambda pair: -len(pair[0]))
    passages = {p.id for s in plan.sections for p in s.passages}
    for index, warning in enumerate(plan.warnings):
        place = warning.passage if warning.passage in passages else None
        if place is None:
            place = next((key for title, key in titles if title in warning.message), None)
        group = groups.setdefault(warning.code, [])
        group.append(PlacedWarning(index, warning, place))
    return groups
