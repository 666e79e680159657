"""Every page that can be reached in the demo, by everybody, holds what all pages promise.

The public and one officer of each role walk the whole site by its links. What they saw is looked
at once by each test below.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI

from backend.demo import loader, material
from backend.models import Role
from backend.web import pages
from backend.web.security import HEADERS
from tests.page import Browser, faults
from tests.promises.crawler import Crawler, StatementCounter, Visit, strangers

PUBLIC = "the public"
# The desk asks one question for each fact beside a comment, and none for each row.
MOST_STATEMENTS = 40


@dataclass(frozen=True)
class Survey:
    """What all walks met, and every template that was rendered on the way."""

    visits: list[Visit]
    templates: frozenset[str]

    @property
    def pages(self) -> list[Visit]:
        return [visit for visit in self.visits if visit.is_whole_page]


@pytest.fixture(scope="module")
def survey(demo_app: FastAPI) -> Survey:
    counter = StatementCounter(demo_app.state.database.engine)
    environment = pages.environment()
    rendered: set[str] = set()
    get_template = environment.get_template

    def recording(name: str, *rest: object, **options: object) -> object:
        rendered.add(str(name))
        return get_template(name, *rest, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(environment, "get_template", recording)
        visits = list(_walks(demo_app, counter))
    return Survey(visits, frozenset(rendered))


def _walks(app: FastAPI, counter: StatementCounter) -> Iterator[Visit]:
    with Browser(app) as browser:
        yield from Crawler(app, browser, counter, PUBLIC).walk("/", "/sign-in")
    for role, username in _one_of_each_role().items():
        with Browser(app) as browser:
            form = browser.open("/sign-in").form("/sign-in")
            browser.press(form.fill(username=username, password=loader.PASSWORD))
            yield from Crawler(app, browser, counter, role).walk("/desk")


def _one_of_each_role() -> dict[str, str]:
    return {role: o.username for o in reversed(material.officers()) for role in o.roles}


def _told(wrong: list[str]) -> str:
    return f"{len(wrong)}:\n" + "\n".join(wrong[:40])


def test_every_role_walks_through_the_desk(survey: Survey) -> None:
    walked = {visit.who for visit in survey.visits}
    assert walked == {PUBLIC, *Role}
    assert len(survey.pages) > 100


def test_every_link_leads_somewhere(survey: Survey) -> None:
    wrong = [
        f"{v.response.status_code} {v}" for v in survey.visits if v.response.status_code != 200
    ]
    assert not wrong, _told(wrong)


def test_every_page_is_sound_html(survey: Survey) -> None:
    wrong = [f"{fault} on {v}" for v in survey.pages for fault in faults(v.page)]
    assert not wrong, _told(wrong)


def test_no_page_leads_to_another_host(survey: Survey) -> None:
    wrong = [f"{link} on {v}" for v in survey.visits if v.page for link in strangers(v.page)]
    assert not wrong, _told(wrong)


def test_no_page_asks_the_database_too_often(survey: Survey) -> None:
    wrong = [f"{v.statements} on {v}" for v in survey.visits if v.statements > MOST_STATEMENTS]
    assert not wrong, _told(wrong)


# Templates no link of the demo leads to, with the tests that render them.
RENDERED_ELSEWHERE = {
    "mailbox/mail.html": "letters: tests/features/test_mailbox.py",
    "mailbox/_state.html": "letters: tests/features/test_mailbox.py",
    "submissions/correct.html": "a secret address: tests/features/test_corrections.py",
    "desk/_handed_over.html": "after a POST: tests/features/test_desk_together.py",
    "portal/_voice.html": "published opinions: tests/features/test_plan_reading.py",
    "consultations/_import.html": "after a POST: tests/features/test_plan_imports.py",
    "consultations/import.html": "after a POST: tests/features/test_plan_imports.py",
    "consultations/passage.html": "a plan to review: tests/features/test_plan_review.py",
    "components/charts.html": "macros: tests/unit/test_templates_components.py",
    "components/figures.html": "macros: tests/unit/test_templates_components.py",
    "components/forms.html": "macros: tests/unit/test_templates_components.py",
    "components/pieces.html": "macros: tests/unit/test_templates_components.py",
    "components/seal.html": "macros: tests/unit/test_templates_components.py",
    "accounts/audit_verified.html": "after a POST: tests/features/test_accounts_audit.py",
    "accounts/enrol_second_factor.html": "after a POST: tests/features/test_accounts_sign_in.py",
    "accounts/recovery_codes.html": "after a POST: tests/features/test_accounts_sign_in.py",
    "briefs/line.html": "a morning later: tests/features/test_briefs.py",
    "organisations/places_preview.html": "a POST: tests/features/test_organisations_lists.py",
    "accounts/link_sign_on.html": "with a provider: tests/features/test_accounts_single_sign_on.py",
    "accounts/second_factor.html": "after a POST: tests/features/test_accounts_sign_in.py",
    "accounts/setup.html": "an empty installation: tests/features/test_accounts_officers.py",
    "submissions/check.html": "after a POST: tests/features/test_public_journey.py",
    "submissions/receipt.html": "a secret address: tests/features/test_public_journey.py",
    "submissions/verify.html": "a link in a mail: tests/features/test_verified_contacts.py",
    "submissions/_rate.html": "a secret address: tests/features/test_answer_ratings.py",
    "submissions/withdraw.html": "a secret address: tests/features/test_public_journey.py",
    "submissions/refused.html": "after a POST: tests/features/test_public_journey.py",
    "registry/import_columns.html": "after a POST: tests/features/test_registry_import.py",
    "registry/import_batch.html": "after a POST: tests/features/test_registry_import.py",
    "registry/_import_progress.html": "after a POST: tests/features/test_registry_import.py",
    "registry/slip.html": "after a POST: tests/features/test_registry_entry.py",
    "registry/_entries.html": "after a POST: tests/features/test_registry_entry.py",
    "error.html": "an error: tests/promises/test_answers.py",
    "digests/digest.html": "after a POST: tests/features/test_digests_pages.py",
    "digests/_quotes.html": "after a POST: tests/features/test_digests_pages.py",
    "digests/order.html": "after a POST: tests/features/test_digests_making.py",
    "digests/_order.html": "after a POST: tests/features/test_digests_making.py",
    "portal/_table.html": "a plan with tables: tests/features/test_public_portal.py",
    "desk/bulk_run.html": "after a POST: tests/features/test_desk_bulk.py",
    "desk/_both.html": "after a clash: tests/features/test_desk_decide.py",
}
# Words in Latin letters that Chinese readers meet every day.
LATIN = {
    *("pdf", "docx", "xlsx", "html", "htm", "txt", "md", "eml", "csv", "json", "png", "jpg"),
    *("word", "excel", "alt", "ctrl", "enter", "esc", "tab", "shift", "cookie", "http", "https"),
    *("python", "sqlite", "postgresql", "icp", "mbox", "imap", "smtp", "oidc"),
    *("wcag", "zhengxun", "app", "wps", "axe", "utf", "example", "sha", "atom", "rss"),
}
LATIN_WORD = re.compile(r"(?<![\w@./:#?=&-])[A-Za-z]{3,}(?:_[a-z]+)*(?![\w@./:-])")


def test_every_template_is_rendered_by_a_test(survey: Survey) -> None:
    root = pages.TEMPLATES
    every = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    unseen = every - survey.templates - RENDERED_ELSEWHERE.keys()
    assert not unseen, f"no walk and no named test renders {sorted(unseen)}"
    assert RENDERED_ELSEWHERE.keys() <= every, "a template named above is gone"


def test_the_tests_that_render_the_rest_are_there() -> None:
    named = {path for why in RENDERED_ELSEWHERE.values() for path in re.findall(r"tests/\S+", why)}
    missing = {path for path in named if not (pages.TEMPLATES.parents[1] / path).is_file()}
    assert not missing


def test_pages_speak_chinese(survey: Survey) -> None:
    """No stored value, no `None`, no English sentence: names of people and texts aside."""
    names = {officer.username for officer in material.officers()}
    written = set(re.findall(r"[A-Za-z]+", _written_for_the_demo()))
    known = LATIN | names | {word.lower() for word in written} | {"testserver", "testclient"}
    wrong = [
        f"{word} on {visit}"
        for visit in survey.pages
        for text in visit.page.tree.xpath("//title/text() | //body//text()[not(ancestor::code)]")
        for word in LATIN_WORD.findall(text)
        if word.lower() not in known and not _is_receipt(word)
    ]
    assert not wrong, _told(wrong)


def _written_for_the_demo() -> str:
    folder = Path(material.__file__).parent / "content"
    texts = [*folder.rglob("*.txt"), *folder.rglob("*.jsonl"), *folder.rglob("*.md")]
    rows = [path.read_text(encoding="utf-8") for path in texts if path.name != "README.md"]
    return re.sub(r'"[a-z_]+"', "", "\n".join(rows))


def _is_receipt(word: str) -> bool:
    return len(word) == 9 and word.isupper()


def test_every_answer_carries_the_security_headers(survey: Survey) -> None:
    wrong = [
        f"{name} on {visit}"
        for visit in survey.visits
        for name, value in HEADERS.items()
        if visit.response.headers.get(name) != value
    ]
    assert not wrong, _told(wrong)
