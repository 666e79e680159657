"""What officials decided about groups of comments (topics, issues), applied to any later reading.

A choice names groups by id and by the comments they held. A later reading may find the same matter
under other words, or with more comments: a group is known again by its id, else by its comments,
and where the machine no longer finds it at all, the official's group comes back with its comments.
Each comment stays in one group or none. Pure and deterministic.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

_SHARED = 0.5
"""A group is the one meant when it holds at least this share of the comments it held then."""


@dataclass(frozen=True, slots=True)
class Group:
    """A topic or an issue: what it is called and whose comments it holds."""

    id: str
    label: str
    members: tuple[str, ...]
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One decision. `action`: rename, merge, split, pin.

    `groups` and `members` run side by side: the id of each group and the comments it held. For a
    split they are the group and the comments that leave it.
    """

    id: int
    action: str
    label: str
    groups: tuple[str, ...]
    members: tuple[frozenset[str], ...]


def regroup(groups: Sequence[Group], choices: Iterable[Choice], present: set[str]) -> list[Group]:
    """The groups as officials want them, pinned first, then the largest.

    `present` holds the comments of this reading: what was withdrawn since is left out.
    """
    found = list(groups)
    for choice in choices:
        found = _ACTIONS[choice.action](found, choice, present)
    found = [group for group in found if group.members]
    return sorted(found, key=lambda group: (not group.pinned, -len(group.members), group.id))


def _rename(found: list[Group], choice: Choice, present: set[str]) -> list[Group]:
    found, at = _known(found, choice.groups[0], choice.members[0], choice.label, present)
    return _with(found, at, label=choice.label)


def _pin(found: list[Group], choice: Choice, present: set[str]) -> list[Group]:
    found, at = _known(found, choice.groups[0], choice.members[0], choice.label, present)
    return _with(found, at, pinned=True)


def _merge(found: list[Group], choice: Choice, present: set[str]) -> list[Group]:
    """All of them become the first; what is found of none of them comes back from memory."""
    places: list[int] = []
    for group_id, members in zip(choice.groups, choice.members, strict=True):
        found, at = _known(found, group_id, members, choice.label, present)
        if at is not None and at not in places:
            places.append(at)
    if not places:
        return found
    together = tuple(dict.fromkeys(m for at in places for m in found[at].members))
    pinned = any(found[at].pinned for at in places)
    merged = replace(found[places[0]], label=choice.label, members=together, pinned=pinned)
    return [
        merged if at == places[0] else group
        for at, group in enumerate(found)
        if at == places[0] or at not in places
    ]


def _split(found: list[Group], choice: Choice, present: set[str]) -> list[Group]:
    leaving = choice.members[0] & present
    return [*_without(found, leaving), Group(f"o-{choice.id}", choice.label, _ordered(leaving))]


_ACTIONS = {"rename": _rename, "merge": _merge, "split": _split, "pin": _pin}
ACTIONS = frozenset(_ACTIONS)


def _known(
    found: list[Group], group_id: str, members: frozenset[str], label: str, present: set[str]
) -> tuple[list[Group], int | None]:
    """Where the group that was meant stands now; it comes back when it is nowhere to be found."""
    best: tuple[bool, int, int] | None = None
    for at, group in enumerate(found):
        shared = len(members.intersection(group.members))
        meant = shared >= _SHARED * len(members & present) and shared > 0
        same = group.id == group_id and shared > 0
        if meant or same:
            best = max(best or (False, -1, 0), (same and meant, shared, -at))
    if best is not None:
        return found, -best[2]
    left = members & present
    if not left:
        return found, None
    return [*_without(found, left), Group(group_id, label, _ordered(left))], len(found)


def _with(found: list[Group], at: int | None, **values: object) -> list[Group]:
    if at is None:
        return found
    return [replace(g, **values) if n == at else g for n, g in enumerate(found)]  # type: ignore[arg-type]


def _without(found: Sequence[Group], leaving: frozenset[str]) -> list[Group]:
    return [
        replace(group, members=tuple(m for m in group.members if m not in leaving))
        for group in found
    ]


def _ordered(members: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(members, key=lambda one: (len(one), one)))
