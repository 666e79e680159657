"""Whatever is written into the audit can be read there in Chinese."""

import ast
from collections.abc import Iterator
from pathlib import Path

from backend.accounts.labels import ACTIONS, SUBJECTS

BACKEND = Path(__file__).parents[2] / "backend"


def _recorded() -> Iterator[tuple[str | None, str | None, str]]:
    """(action, subject, where) of every call of `audit.record` that names them as they are."""
    for path in BACKEND.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or ast.unparse(node.func) != "audit.record":
                continue
            said = [
                arg.value if isinstance(arg, ast.Constant) and isinstance(arg.value, str) else None
                for arg in node.args[2:4]
            ]
            action, subject = (*said, None, None)[:2]
            yield action, subject, f"{path.name}:{node.lineno}"


def test_every_act_and_subject_has_its_words() -> None:
    calls = list(_recorded())
    assert len(calls) > 50
    assert [(a, at) for a, _, at in calls if a is not None and a not in ACTIONS] == []
    assert [(s, at) for _, s, at in calls if s is not None and s not in SUBJECTS] == []
