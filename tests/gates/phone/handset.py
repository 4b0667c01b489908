"""A keeper's phone: a Chromium of its own, with a camera that shows what a test wants, and that can be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import segno
from playwright.sync_api import Page, Playwright, ViewportSize

WIDTH, HEIGHT, FRAMES_A_SECOND = 640, 480, 5
MODULE = 6
CHROMIUM = "/usr/bin/chromium"
START_SECONDS = 60
SMALL: ViewportSize = {"width": 360, "height": 740}
LAPTOP: ViewportSize = {"width": 1366, "height": 768}


def write_film(path: Path, scenes: Iterable[tuple[str, float]]) -> None:
    """What the camera sees, over and over: (text of a QR code or "" for a grey wall, seconds), as Y4M."""
    with path.open("wb") as film:
        film.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FRAMES_A_SECOND}:1 Ip A1:1 C420jpeg\n".encode())
        colourless = bytes([128]) * (WIDTH * HEIGHT // 2)
        for text, seconds in scenes:
            frame = b"FRAME\n" + _picture(text) + colourless
            film.write(frame * round(seconds * FRAMES_A_SECOND))


def _picture(text: str) -> bytes:
    wall = bytes([150]) * WIDTH
    if not text:
        return wall * HEIGHT
    code = segno.make(text, error="q", boost_error=False)
    lines = []
    for row in code.matrix_iter(scale=MODULE, border=4):
        side = (WIDTH - len(row)) // 2
        line = bytes(20 if dark else 235 for dark in row)
        lines.append(wall[:side] + line + wall[: WIDTH - side - len(line)])
    above = (HEIGHT - len(lines)) // 2
    return b"".join([wall * above, *lines, wall * (HEIGHT - above - len(lines))])


@dataclass
class Handset:
    """What is stored in `profile` outlives a kill."""

    playwright: Playwright
    profile: Path
    film: Path
    process: subprocess.Popen[bytes] | None = None
    page: Page | None = None

    def switch_on(self, address: str, size: ViewportSize = SMALL) -> Page:
        port_file = self.profile / "DevToolsActivePort"
        port_file.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [CHROMIUM, *self._arguments()], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        deadline = time.monotonic() + START_SECONDS
        while not port_file.exists() or not port_file.read_text().strip():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError("Chromium did not start")
            time.sleep(0.05)
        port = port_file.read_text().splitlines()[0]
        browser = self.playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
        context = browser.contexts[0]
        context.grant_permissions(["camera"], origin=address)
        page = context.pages[0] if context.pages else context.new_page()
        page.set_viewport_size(size)
        page.set_default_timeout(20_000)
        self.page = page
        return page

    def kill(self) -> None:
        """The battery falls out."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None

    def _arguments(self) -> Sequence[str]:
        return (
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
            "--lang=zh-CN",
            "--remote-debugging-port=0",
            f"--user-data-dir={self.profile}",
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={self.film}",
            "about:blank",
        )
