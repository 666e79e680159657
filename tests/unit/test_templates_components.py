"""Every macro renders, escapes what residents typed, and is sound HTML."""

from datetime import UTC, datetime

import html5lib
import pytest

from backend.assessments.summaries import ShownQuote, ShownSentence, ShownSummary
from backend.portal.board import Chart, Part, Row
from backend.web.pages import environment

HOSTILE = '<script>alert("1")</script>'

CALLS = {
    "error_summary": 'ui.error_summary({"text": hostile, "form": "请重试"})',
    "text_field": 'ui.text_field("name", hostile, value=hostile, error=hostile, hint=hostile)',
    "textarea": 'ui.textarea("text", hostile, value=hostile, error=hostile, hint=hostile)',
    "select": 'ui.select("street", hostile, [(hostile, hostile)], value=hostile, error=hostile)',
    "radios": 'ui.radios("kind", hostile, [("a", hostile, hostile)], value="a", error=hostile)',
    "checkboxes": 'ui.checkboxes("kinds", hostile, [("a", hostile)], values=["a"], error=hostile)',
    "file_field": 'ui.file_field("files", hostile, error=hostile, multiple=true)',
    "button": "ui.button(hostile, name=hostile, value=hostile)",
    "link_button": 'ui.link_button(hostile, "/a")',
    "honeypot": "ui.honeypot()",
    "seal": "ui.seal(hostile)",
    "tag": 'ui.tag(hostile, "jade", machine=true)',
    "summary_list": 'ui.summary_list([(hostile, hostile, "/change"), ("b", "c")])',
    "table": "ui.table(hostile, (hostile, hostile), [(hostile, hostile)], numeric=(1,))",
    "pagination": 'ui.pagination(2, 3, "?page=")',
    "crumbs": 'ui.crumbs([(hostile, "/"), (hostile, none)])',
    "facts": "ui.facts([(hostile, hostile)])",
    "chips": 'ui.chips([(hostile, "/", true)], hostile)',
    "empty": "ui.empty(hostile)",
    "count": "ui.count(hostile)",
    "bar": "ui.bar(1.7, hostile)",
    "steps": 'ui.steps([(hostile, hostile, "done"), (hostile, none, "current")])',
    "section_name": 'ui.section_name({"label": hostile, "title": hostile})',
    "bars": 'ui.bars("c", hostile, [(hostile, 3), ("b", 0)])',
    "dots": 'ui.dots("c", hostile, [(hostile, 3, 1)])',
    "timeline": 'ui.timeline("c", hostile, [("11月1日", 3), ("11月2日", 0)], [(1, hostile)])',
    "intervals": 'ui.intervals("c", hostile, [(hostile, 0.1, 0.2, 0.3)])',
    "learning_curve": 'ui.learning_curve("c", hostile, [(10, 0.5), (20, 0.7)], 0.6)',
    "figure": "ui.figure(chart)",
    "proved_summary": 'ui.proved_summary(summary, "/desk", shown=1)',
}
WRAPPERS = {
    "card": 'ui.card(hostile, "/a")',
    "notice": "ui.notice(hostile, hostile, hostile)",
    "banner": 'ui.banner("jade", live=true)',
    "details": "ui.details(hostile, open=true)",
}

ROW = Row(
    HOSTILE, 3, "/a", (Part(HOSTILE, 2, "jade", "/b"), Part("b", 1, "grey", "/c")),
    HOSTILE, "/more", ((HOSTILE, "/d"), ("2.0", "")),
)  # fmt: skip
CHART = Chart("c", HOSTILE, HOSTILE, (ROW,) * 13, (HOSTILE, "平常"), HOSTILE, by_machine=True)
SENTENCE = ShownSentence(HOSTILE, (1, 2, 3), (ShownQuote(1, HOSTILE),))
SUMMARY = ShownSummary((SENTENCE, SENTENCE), 3, datetime(2026, 11, 22, tzinfo=UTC), HOSTILE)


def _render(source: str) -> str:
    template = environment().from_string(source)
    return template.render(hostile=HOSTILE, chart=CHART, summary=SUMMARY)


def _check(html: str) -> None:
    assert html.strip()
    assert "<script" not in html
    assert " style=" not in html
    assert " onclick" not in html
    html5lib.HTMLParser(strict=True).parseFragment(html)


@pytest.mark.parametrize("name", sorted(CALLS))
def test_macro_is_sound_and_escapes(name: str) -> None:
    _check(_render("{{ " + CALLS[name] + " }}"))


@pytest.mark.parametrize("name", sorted(WRAPPERS))
def test_wrapping_macro_is_sound_and_escapes(name: str) -> None:
    _check(_render("{% call " + WRAPPERS[name] + " %}<p>{{ hostile }}</p>{% endcall %}"))


@pytest.mark.parametrize("name", ["bars", "dots", "timeline", "intervals"])
def test_chart_without_data_says_so(name: str) -> None:
    assert "还没有数据" in _render('{{ ui.%s("c", "标题", []) }}' % name)


def test_every_macro_is_tried_here() -> None:
    known = {name for name in vars(environment().globals["ui"]) if not name.startswith("_")}
    assert known == set(CALLS) | set(WRAPPERS) | {"csrf"}
