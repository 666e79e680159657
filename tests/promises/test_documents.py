"""The documentation is true: settings, commands, options, warning codes and addresses are in it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from analysis.outline.warnings import CODES
from backend.app import create_app
from backend.cli import app as command_line
from backend.kit.settings import Settings
from backend.web.access import rules_by_route

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


def _read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def test_every_setting_is_documented_with_its_default() -> None:
    rows = dict(
        re.findall(r"^\| `(ZHENGXUN_\w+)` \| (.+?) \|", _read("operations.md"), re.MULTILINE)
    )
    fields = {f"ZHENGXUN_{name.upper()}": field for name, field in Settings.model_fields.items()}
    assert rows.keys() == fields.keys()
    for name, field in fields.items():
        default = str(field.default).lower() if isinstance(field.default, bool) else field.default
        if default not in (None, ""):
            assert rows[name] == f"`{default}`"


def _commands(command: Any, path: str = "zhengxun") -> Iterator[tuple[str, Any]]:
    """Every command with its whole name; groups are walked through."""
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, inner in command.commands.items():
        yield from _commands(inner, f"{path} {name}")


COMMANDS = dict(_commands(typer.main.get_command(command_line)))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented(name: str) -> None:
    text = _read("cli.md")
    assert f"`{name}" in text
    for parameter in COMMANDS[name].params:
        option = parameter.opts[0]
        if option.startswith("--") and option not in ("--help", "--jobs"):
            assert option in text, f"{name} {option}"


def test_no_command_is_documented_that_does_not_exist() -> None:
    named = set(re.findall(r"^\| `(zhengxun [a-z]+(?: [a-z]+)?)", _read("cli.md"), re.MULTILINE))
    assert named == COMMANDS.keys()


def test_every_warning_code_is_documented() -> None:
    section = _read("cli.md").split("### Warning codes")[1].split("## ")[0]
    assert set(re.findall(r"^\| `(\w+)`", section, re.MULTILINE)) == CODES.keys()


def test_every_address_is_documented(tmp_path: Path) -> None:
    """By its whole path, or by its end where a table says once what stands before."""
    text = _nameless(_read("http.md"))
    routes = rules_by_route(create_app(Settings(data_dir=tmp_path)))
    paths = {_nameless(route.split(" ", 1)[1]) for route in routes}
    unsaid = {path for path in paths if path not in text and not _said_by_its_end(path, text)}
    assert unsaid == set()


def _said_by_its_end(path: str, text: str) -> bool:
    parts = path.split("/")
    end = "/".join(parts[-1:] if "{" not in parts[-1] else parts[-2:])
    return re.search(r"[`/]" + re.escape(end) + r"`", text) is not None


def _nameless(text: str) -> str:
    return re.sub(r"\{[\w:]+\}", "{}", text)


def _pages() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


@pytest.mark.parametrize("page", _pages(), ids=lambda page: page.name)
def test_links_between_documents_lead_somewhere(page: Path) -> None:
    links = LINK.findall(page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_table_of_standards_names_tests_that_exist() -> None:
    named = set(re.findall(r"`(tests/[\w/.]+)(?:::(\w+))?`", _read("standards.md")))
    assert len(named) > 20
    for path, function in named:
        file = ROOT / path
        assert file.exists(), path
        assert not function or f"def {function}(" in file.read_text(encoding="utf-8"), function


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(path.name[:4]) for path in sorted((DOCS / "decisions").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 11


def test_both_readmes_show_the_commands_and_only_pictures_that_exist() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "make run" in text and "make test" in text
        assert "docs/screens/" in text
