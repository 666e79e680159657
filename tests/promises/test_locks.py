"""Locked dependencies: exact, hashed, and installable from any mirror."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ["requirements.txt", "requirements-dev.txt"]
PACKAGE = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==([^ ;]+)", re.MULTILINE)


@pytest.mark.parametrize("name", LOCKS)
def test_python_locks_name_no_host_and_hash_everything(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "http" not in text.replace("httpx", "").replace("httpcore", "").replace("httptools", "")
    assert "--index-url" not in text and "--find-links" not in text
    packages = PACKAGE.findall(text)
    assert len(packages) > 50
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text)
    without = [b.split("==")[0] for b in blocks if PACKAGE.match(b) and "--hash=sha256:" not in b]
    assert without == []


def test_the_lock_for_development_agrees_with_the_one_for_running() -> None:
    run, develop = (dict(PACKAGE.findall((ROOT / name).read_text())) for name in LOCKS)
    assert {name: develop.get(name) for name in run} == run


def test_every_declared_dependency_is_locked() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = project["dependencies"] + project["optional-dependencies"]["dev"]
    names = {re.split(r"[<>=;\[ ]", line, maxsplit=1)[0].lower() for line in declared}
    locked = {name.lower() for name, _ in PACKAGE.findall((ROOT / LOCKS[1]).read_text())}
    assert names - locked == set()


def test_the_npm_lock_names_no_registry() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if not entry.get("integrity")] == []


def test_nothing_in_the_project_tells_whose_machine_it_was_made_on() -> None:
    """Absolute paths of a developer's disk have no place in what is shipped."""
    private = re.compile(r"(?<![\w/.])/(?:work|home|root|Users)/[\w.-]+")
    folders = ["backend", "analysis", "migrations", "scripts", "deploy", "docs", "frontend/js"]
    files = [p for f in folders for p in (ROOT / f).rglob("*") if p.is_file()]
    files += [p for p in ROOT.iterdir() if p.is_file() and p.suffix in {".md", ".yaml", ".toml"}]
    texts = (
        p for p in files if p.suffix in {".py", ".md", ".sh", ".conf", ".yaml", ".toml", ".js"}
    )
    found = [
        f"{p.name}: {m.group()}" for p in texts for m in private.finditer(p.read_text("utf-8"))
    ]
    assert found == []
