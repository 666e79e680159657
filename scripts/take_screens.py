"""Takes the pictures of docs/screens from the demo, on a fresh installation in a temporary folder.

A resident reads, comments, checks, gets a receipt and looks it up; an officer signs in, decides and
makes a digest; the digest's PDF and Word pages are turned into pictures too. Pictures are reduced
to 128 colours so that the repository stays small. Needs Chromium, poppler and LibreOffice.
"""

import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import uvicorn
from PIL import Image
from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from backend import jobs  # noqa: E402
from backend.app import create_app  # noqa: E402
from backend.demo import loader  # noqa: E402
from backend.kit import migrations  # noqa: E402
from backend.kit.settings import Settings  # noqa: E402
from tests import browser as driving  # noqa: E402

TARGET = ROOT / "docs" / "screens"
OUTLINE = "/consultations/outline-2026-2030"
OPINION = "六楼的老人下楼太难，希望加装电梯时优先安排有八十岁以上老人的楼栋，并把名单向楼组公开。"
TALLEST = 2200


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        site(Path(folder)) as address,
        driving.browser() as running,
    ):
        resident(driving.person(running, address).new_page())
        phone(driving.person(running, address, width=driving.PHONE).new_page(), "section-phone")
        elder = driving.person(running, address, width=driving.PHONE, elder=True)
        phone(elder.new_page(), "elder-phone")
        officer(driving.person(running, address).new_page(), Path(folder))
    pictures = sorted(TARGET.glob("*.png"))
    total = sum(picture.stat().st_size for picture in pictures)
    print(f"{len(pictures)} pictures, {total / 1e6:.1f} MB")


@contextmanager
def site(folder: Path) -> Iterator[str]:
    """The demo, served from `folder` on a free port."""
    settings = Settings(
        data_dir=folder, demo=True, organisation_name="临江区人民政府（虚构）", log_level="ERROR"
    )
    app = create_app(settings)
    migrations.upgrade(app.state.database.engine)
    loader.load(app.state.database, settings, tell=print)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    stop = jobs.start_in_process()
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    stop()
    server.should_exit = True
    thread.join(10)


def resident(page: Page) -> None:
    """Home, consultation, section; then an opinion from the form to its receipt and back."""
    visit(page, "/", "home")
    visit(page, OUTLINE, "consultation")
    visit(page, f"{OUTLINE}/indicators", "indicators")
    visit(page, section_of(page), "section")
    page.locator('a[href*="/comment?about=p"]').nth(2).click()
    page.locator('textarea[name="text"]').first.fill(OPINION)
    shoot(page, "comment")
    if "/comment?" not in page.url:  # The form opened in the margin: send it from its own page.
        link = page.locator('a[href*="/comment?about=p"]').nth(2).get_attribute("href")
        page.goto(link or "")
        page.locator('textarea[name="text"]').fill(OPINION)
    page.locator('form[action$="/comment"] button[type="submit"]').last.click()
    shoot(page, "check")
    page.locator('form[action$="/send"] button[type="submit"]').last.click()
    shoot(page, "receipt")
    codes = [code.replace(" ", "") for code in page.locator(".zx-receipt__code").all_inner_texts()]
    page.goto("/receipts")
    page.locator('[name="receipt_code"]').fill(codes[0])
    page.locator('[name="look_up_code"]').fill(codes[1])
    shoot(page, "look-up")
    page.goto("/?stage=closed")
    closed = page.locator('main a[href^="/consultations/"]').first.get_attribute("href") or ""
    visit(page, "/" + "/".join(closed.split("/")[1:3]) + "/outcome", "outcome")


def section_of(page: Page) -> str:
    """The first section of the outline plan that has a paragraph to comment on."""
    page.goto(OUTLINE)
    links = page.locator('main a[href*="/sections/"]').all()
    # The notice and the first two chapters are introductions; what people speak about comes after.
    for path in list(dict.fromkeys(link.get_attribute("href") or "" for link in links))[10:]:
        page.goto(path)
        if page.locator('a[href*="/comment?about=p"]').count() > 4:
            return path
    raise LookupError("no section has five paragraphs")


def phone(page: Page, name: str) -> None:
    """The same section on a small screen."""
    visit(page, section_of(page), name)


def officer(page: Page, folder: Path) -> None:
    """Sign in, decide on an opinion, make a digest; its pages as pictures."""
    visit(page, "/sign-in", "sign-in")
    page.locator('[name="username"]').fill(loader.SIGN_IN_AS)
    page.locator('[name="password"]').fill(loader.PASSWORD)
    page.locator('main button[type="submit"]').click()
    page.wait_for_url("**/desk**")
    page.goto(f"/desk{OUTLINE}")
    shoot(page, "queue", whole=False)
    page.locator("[data-queue] a").nth(1).click()
    shoot(page, "desk-comment", whole=False)
    visit(page, f"/desk{OUTLINE}/dashboard", "dashboard")
    visit(page, f"/desk{OUTLINE}/workload", "workload")
    visit(page, f"/desk{OUTLINE}/registry/entry", "registry")
    visit(page, f"/desk{OUTLINE}/briefs", "brief")
    page.goto(f"/desk{OUTLINE}/digests")
    page.locator('form[action$="/digests"] button[type="submit"]').first.click()
    page.wait_for_url(re.compile(r"/digests/\d+$"), timeout=120_000)
    shoot(page, "digest")
    for kind in ("pdf", "docx"):
        link = page.locator(f'a[href$=".{kind}"]').first.get_attribute("href")
        assert link is not None
        file = folder / f"digest.{kind}"
        file.write_bytes(page.request.get(link).body())
        paper(file, folder, f"digest-{kind}")


def paper(file: Path, folder: Path, name: str) -> None:
    """The first page of a document as a picture."""
    if file.suffix == ".docx":
        office = f"-env:UserInstallation=file://{folder}/office"
        run("soffice", office, "--headless", "--convert-to", "pdf", "--outdir", folder, file)
        file = file.with_suffix(".pdf")
    picture = folder / name
    run("pdftoppm", "-r", "75", "-f", "1", "-l", "1", "-singlefile", "-png", file, picture)
    save(picture.with_suffix(".png").read_bytes(), name)


def run(*command: object) -> None:
    words = [str(word) for word in command]
    subprocess.run(words, check=True, capture_output=True, timeout=180)  # noqa: S603 - fixed commands


def visit(page: Page, path: str, name: str) -> None:
    page.goto(path)
    shoot(page, name)


def shoot(page: Page, name: str, *, whole: bool = True) -> None:
    """A picture of the whole page, or of what is on the screen."""
    page.wait_for_load_state("networkidle")
    save(page.screenshot(full_page=whole), name)


def save(png: bytes, name: str) -> None:
    """Cut a tall picture, reduce its colours, write it."""
    picture = Image.open(BytesIO(png)).convert("RGB")
    picture = picture.crop((0, 0, picture.width, min(picture.height, TALLEST)))
    picture.quantize(128).save(TARGET / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
