"""The pictures of docs/screenshots, taken from a running demo: .venv/bin/python scripts/screenshots.py [ADDRESS]

Without an address the demo is started for it and ended afterwards. Everything is done through the pages, as a person
would; nothing is loaded or decided: the sheet of the import picture is checked only.
"""

from __future__ import annotations

import argparse
import io
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, sync_playwright

from shouwang.kernel.spreadsheets import Column, write_xlsx

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
CHROMIUM = "/usr/bin/chromium"
DESK, PHONE = (1280, 800), (360, 740)
BYTES_MAX = 200 * 1024
PORT = 8765
START_SECONDS = 600


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("address", nargs="?", help="of a running demo, for example http://127.0.0.1:8000")
    wanted = parser.parse_args().address
    with _demo() if wanted is None else _running(wanted) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--lang=zh-CN"],
        )
        take_all(browser, address.rstrip("/"))
        browser.close()
    too_large = [path.name for path in FOLDER.glob("*.png") if path.stat().st_size > BYTES_MAX]
    if too_large:
        print(f"larger than {BYTES_MAX // 1024} KB: {', '.join(too_large)}", file=sys.stderr)
    return 1 if too_large else 0


@contextmanager
def _running(address: str) -> Iterator[str]:
    yield address


@contextmanager
def _demo() -> Iterator[str]:
    command = [str(Path(sys.executable).with_name("shouwang")), "demo", "--port", str(PORT)]
    address = f"http://127.0.0.1:{PORT}"
    with subprocess.Popen(command) as demo:
        try:
            _wait_for(address, demo)
            yield address
        finally:
            demo.terminate()


def _wait_for(address: str, demo: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and demo.poll() is None:
        try:
            with urlopen(f"{address}/health", timeout=2):
                return
        except (URLError, TimeoutError):
            time.sleep(1)
    raise SystemExit("the demo did not start")


def take_all(browser: Browser, address: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    officer = _seat(browser, address, "县区民政经办.*寒亭区", DESK)
    _take(officer, "home")
    officer.goto(f"{address}/assistance/payments/?programme=dibao&sort=-month")
    officer.locator("main tbody a").first.click()
    _take(officer, "batch")
    city = _seat(browser, address, "市局经办", DESK)
    city.goto(f"{address}/reporting/")
    _take(city, "bulletin", height=1100)
    city.goto(f"{address}/assistance/relief/?state=papers_owed")
    city.locator("main tbody a").first.click()
    _take(city, "relief")
    assistant = _seat(browser, address, "乡镇民政助理员", DESK)
    _check_a_sheet(assistant, address)
    _take(assistant, "import")
    _take(_seat(browser, address, "乡镇分管负责人.*固堤街道", PHONE), "home-phone", height=900)


def _seat(browser: Browser, address: str, button: str, size: tuple[int, int]) -> Page:
    """A window of the size, signed in by the demo's button."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, locale="zh-CN")
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name=re.compile(button)).first.click()
    page.wait_for_url(f"{address}/")
    page.wait_for_load_state("networkidle")
    return page


def _take(page: Page, name: str, *, height: int | None = None) -> None:
    """The top of the page, down to `height` where a picture needs more than the window shows."""
    page.wait_for_load_state("networkidle")
    if height:
        page.set_viewport_size({"width": page.viewport_size["width"], "height": height})  # type: ignore[index]
    page.screenshot(path=FOLDER / f"{name}.png", animations="disabled", caret="hide")
    print(FOLDER / f"{name}.png")


def _check_a_sheet(page: Page, address: str) -> None:
    """A township's list with a good household and a number that is none."""
    labels = ("村", "户主", "姓名", "与户主关系", "身份证号码")
    rows = [
        ("解家沿村", "齐守田", "齐守田", "户主", "379999195803099717"),
        ("解家沿村", "齐守田", "柳玉梅", "配偶", "379999196007029720"),
        ("解家沿村", "周误号", "周误号", "户主", "379999195803090000"),
    ]
    columns = [Column(label, label) for label in labels]
    file = io.BytesIO()
    write_xlsx(file, columns, [dict(zip(labels, row, strict=True)) for row in rows])
    page.goto(f"{address}/registry/imports/new/")
    page.get_by_label("表格文件").set_input_files(
        files=[{"name": "固堤街道家庭名册.xlsx", "mimeType": "application/octet-stream", "buffer": file.getvalue()}]
    )
    page.get_by_role("button", name="检查表格").click()
    page.get_by_role("button", name=re.compile("导入没有问题的")).wait_for()


if __name__ == "__main__":
    sys.exit(main())
