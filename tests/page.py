"""A browser without JavaScript that checks the HTML of every page it opens.

It follows what a person does: `open` a page, find a form, `fill` fields by name, `press` a button.
Each page is checked for what always holds: a language, one h1, labelled fields, unique ids, links
that have names, no inline script or style.
"""

from typing import Any, Self

import lxml.html
from fastapi import FastAPI
from httpx2 import Response
from lxml.html import HtmlElement
from starlette.testclient import TestClient

ORIGIN = "http://testserver"


class Page:
    """One answer: its status, its tree, its text."""

    def __init__(self, response: Response) -> None:
        self.response = response
        self.status = response.status_code
        self.url = response.url
        self.path = response.url.path
        self.html = response.text
        self.tree: HtmlElement = lxml.html.fromstring(self.html or "<html></html>")

    def all(self, css: str) -> list[HtmlElement]:
        return list(self.tree.cssselect(css))

    def one(self, css: str) -> HtmlElement:
        found = self.all(css)
        assert len(found) == 1, f"{len(found)} elements match {css} on {self.path}"
        return found[0]

    def text_of(self, css: str) -> str:
        return " ".join(self.one(css).text_content().split())

    @property
    def text(self) -> str:
        return " ".join(self.tree.text_content().split())

    @property
    def title(self) -> str:
        return self.text_of("title")

    @property
    def heading(self) -> str:
        return self.text_of("h1")

    def form(self, action: str | None = None) -> "Form":
        """The form whose action ends with `action`; without one, the only form in `<main>`."""
        forms = self.all("main form")
        if action is not None:
            forms = [
                form for form in self.all("form") if (form.get("action") or "").endswith(action)
            ]
        assert len(forms) == 1, f"{len(forms)} forms fit {action!r} on {self.path}"
        return Form(forms[0], str(self.url))


class Form:
    """A form with the values it would send."""

    def __init__(self, element: HtmlElement, base: str) -> None:
        self.action = element.get("action") or base
        self.method = (element.get("method") or "get").upper()
        self.values: dict[str, Any] = dict(element.form_values())
        self.names = {field.get("name") for field in element.cssselect("[name]")}

    def fill(self, **values: Any) -> Self:
        unknown = values.keys() - self.names
        assert not unknown, f"no field {sorted(unknown)}; there are {sorted(map(str, self.names))}"
        self.values.update(values)
        return self


def faults(page: Page) -> list[str]:
    """What is wrong with a page's HTML, in words."""
    found = []
    ids = [element.get("id") for element in page.all("[id]")]
    found += [f"id {twice!r} twice" for twice in sorted({i for i in ids if ids.count(i) > 1})]
    if page.tree.tag == "html" and page.tree.get("lang") != "zh-CN":
        found.append("lang is not zh-CN")
    if len(page.all("h1")) != 1:
        found.append(f"{len(page.all('h1'))} h1")
    # A block of data for search engines is no script: no browser runs it.
    scripts = page.all("script:not([src]):not([type='application/ld+json'])")
    if scripts or page.all("style") or page.all("[style]"):
        found.append("inline script or style")
    labelled = {label.get("for") for label in page.all("label[for]")}
    for field in page.all("input, textarea, select"):
        if field.get("type") in {"hidden", "submit", "button"}:
            continue
        named = (
            field.get("id") in labelled or field.get("aria-label") or field.get("aria-labelledby")
        )
        if not named and not field.xpath("ancestor::label"):
            found.append(f"field {field.get('name')} has no label")
    for link in page.all("a[href], button"):
        name = link.text_content().strip() or link.get("aria-label") or link.cssselect("svg title")
        if not name:
            found.append(f"link without a name: {link.get('href')}")
    return found


class Browser(TestClient):
    """Opens pages as a browser would: same-origin headers, redirects followed, HTML checked."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__(app, base_url=ORIGIN, raise_server_exceptions=True)
        self.page: Page

    def open(self, path: str, *, status: int = 200) -> Page:
        return self._arrive(self.get(path), status)

    def press(self, form: Form, *, status: int = 200, files: Any = None) -> Page:
        """Send a form; `status` is that of the page one ends up on."""
        headers = {"Origin": ORIGIN}
        if form.method == "GET":
            return self._arrive(self.get(form.action, params=form.values), status)
        values = {k: v for k, v in form.values.items() if v is not None}
        answer = self.post(form.action, data=values, files=files, headers=headers)
        return self._arrive(answer, status)

    def _arrive(self, response: Response, status: int) -> Page:
        self.page = Page(response)
        assert self.page.status == status, (
            f"{response.url}: {self.page.status} {self.page.text[:400]}"
        )
        if response.headers.get("content-type", "").startswith("text/html"):
            wrong = faults(self.page)
            assert not wrong, f"{response.url}: {wrong}"
        return self.page
