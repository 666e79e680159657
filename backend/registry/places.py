"""The picker of plan items: what a clerk types becomes a section, an indicator or a task.

Every item has one unambiguous name, offered by the browser's own list. What is typed by hand is
taken when it is a name, a title, a key, the code of a paper form, or part of exactly one name;
otherwise the candidates are shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlmodel import Session

from backend.plans import queries as plans
from backend.plans.queries import ItemName
from backend.submissions.paper import read_form_code

MOST_CHOICES = 8
_KINDS = {"section": "章节", "indicator": "指标", "task": "任务"}


@dataclass(frozen=True, slots=True)
class Found:
    """The key meant (empty: the plan as a whole), or the keys that could be."""

    key: str = ""
    choices: tuple[str, ...] = ()
    is_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Places:
    """Key → name of everything a comment can be about, in reading order."""

    names: Mapping[str, str]
    consultation_id: int = 0
    titles: Mapping[str, str] = field(default_factory=dict)

    def name_of(self, key: str) -> str:
        return self.names.get(key, "")

    def find(self, typed: str) -> Found:
        """What `typed` means."""
        words = " ".join(typed.split())
        if not words:
            return Found()
        code = read_form_code(words)
        if code is not None:
            return self._of_form(*code)
        exact = [key for key, name in self.names.items() if words in (key, name)]
        exact = exact or [key for key, title in self.titles.items() if words == title]
        if len(exact) == 1:
            return Found(exact[0])
        folded = words.casefold()
        within = exact or [key for key, name in self.names.items() if folded in name.casefold()]
        if len(within) == 1:
            return Found(within[0])
        if within:
            return Found(choices=tuple(within[:MOST_CHOICES]))
        return Found(is_unknown=True)

    def _of_form(self, consultation_id: int, key: str) -> Found:
        """What the code of a paper form stands for; a form of another consultation is unknown."""
        is_ours = consultation_id == self.consultation_id and (not key or key in self.names)
        return Found(key) if is_ours else Found(is_unknown=True)


def load(session: Session, consultation_id: int) -> Places:
    """The items of the plan as the public reads it; empty while there is none."""
    version = plans.current_version(session, consultation_id)
    if version is None or version.id is None:
        return Places({}, consultation_id)
    names: dict[str, str] = {}
    titles: dict[str, str] = {}
    taken: set[str] = set()
    for key, item in plans.item_names(session, version.id).items():
        name = _name(item)
        if name in taken:
            name = f"{name}（{key}）"
        taken.add(name)
        names[key] = name
        titles[key] = item.name.split(" ", 1)[-1] if item.kind == "section" else item.name
    return Places(names, consultation_id, titles)


def _name(item: ItemName) -> str:
    words = (item.section_path or item.name) if item.kind == "section" else item.name
    return f"{_KINDS[item.kind]}：{' '.join(words.split())}"
