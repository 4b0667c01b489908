"""The keeper's phone in a real Chromium with a camera: scanned, killed, opened offline, sent twice."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Playwright, expect, sync_playwright

from shouwang.gates.commands.devices import create_enrolment_code
from shouwang.gates.models import Observation, Pass, SigningKey
from shouwang.gates.rules.codec import PassFacts, encode
from shouwang.gates.states import PASS_LIVES, How, PassKind, Reason, Verdict
from shouwang.kernel import clock
from shouwang.kernel.scope import FULL, use_scope
from tests.gates.gate_world import GateWorld, make_signing_key, make_world, own_connections
from tests.gates.phone import worlds
from tests.gates.phone.double import CODE, Double
from tests.gates.phone.handset import LAPTOP, SMALL, Handset, write_film
from tests.gates.vectors import make
from tests.web.serving import served

pytestmark = pytest.mark.browser

TIMEOUT_MS = 30_000
PICTURES = os.environ.get("GATE_PICTURES")


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as started:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        expect.set_options(timeout=TIMEOUT_MS)
        yield started
        expect.set_options(timeout=5_000)


class Post:
    """A gate with its phone and its server, which can be away."""

    def __init__(self, handset: Handset, code: str = CODE) -> None:
        self.double = Double(on_death=handset.kill)
        self.handset = handset
        self.code = code
        self.address = ""
        self._serving = ExitStack()

    def server_up(self) -> None:
        port = urlsplit(self.address).port or 0
        self.address = self._serving.enter_context(self.serve(port))

    def serve(self, port: int) -> AbstractContextManager[str]:
        return served(port, self.double.before)

    def server_down(self) -> None:
        self._serving.close()

    def open(self) -> Page:
        page = self.handset.switch_on(self.address)
        page.goto(f"{self.address}/gate/")
        return page

    def enrol(self) -> Page:
        page = self.open()
        page.get_by_label("登记码").fill(self.code)
        page.get_by_label("本机叫什么").fill("南门1号机")
        page.get_by_role("button", name="登记本机").click()
        title(page, "班前自检")
        return page

    def close(self) -> None:
        self.handset.kill()
        self.server_down()


class RealPost(Post):
    """The same before the server's own API."""

    def serve(self, port: int) -> AbstractContextManager[str]:
        return served(port)


@pytest.fixture
def handset(
    playwright: Playwright,
    committed_db: str,
    tmp_path: Path,
    settings: pytest.FixtureRequest,
    caplog: pytest.LogCaptureFixture,
) -> Iterator[Handset]:
    """Its camera sees a grey wall: cards come by a scanner that types. After it: no breach of the policy was reported, and
    no page broke."""
    settings.ALLOWED_HOSTS = ["127.0.0.1"]  # type: ignore[attr-defined]
    film = tmp_path / "camera.y4m"
    write_film(film, [("", 2)])
    (tmp_path / "profile").mkdir()
    yield Handset(playwright, tmp_path / "profile", film)
    assert [record.message for record in caplog.records if record.name == "shouwang.csp"] == []
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.fixture
def post(handset: Handset) -> Iterator[Post]:
    standing = Post(handset)
    standing.server_up()
    yield standing
    standing.close()


@pytest.fixture
def real_post(handset: Handset) -> Iterator[RealPost]:
    """Two members of staff have passes; their cards are held before the camera in turn. The server's threads go by the
    machine's clock, so the world is made by it too."""
    with own_connections(), clock.at(datetime.now(UTC)):
        world = make_world()
        with use_scope(world.actor.scope):
            texts = [staff_pass(world, make_signing_key(), pass_id) for pass_id in (1001, 1002)]
            code = create_enrolment_code(actor=world.actor, gate_id=world.gate.id)
        write_film(handset.film, [("", 2), (texts[0], 1.2), ("", 2), (texts[1], 1.2)])
        standing = RealPost(handset, code)
        standing.server_up()
        yield standing
        standing.close()


def staff_pass(world: GateWorld, key: SigningKey, pass_id: int) -> str:
    issued = clock.now() - timedelta(days=1)
    ends = issued + PASS_LIVES[PassKind.STAFF]
    text = encode(PassFacts(pass_id, PassKind.STAFF, world.estate.id, issued, issued, ends), bytes.fromhex(key.private))
    Pass.objects.create(
        id=pass_id,
        kind=PassKind.STAFF,
        estate=world.estate,
        area_code=world.estate.area_code,
        holder_name="王建国",
        holder_tail="0021",
        issued_at=issued,
        valid_from=issued,
        expires_at=ends,
        key=key,
        text=text,
    )
    return text


def title(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def press(page: Page, *names: str) -> None:
    for name in names:
        page.get_by_role("button", name=name, exact=True).click()


def begin(page: Page) -> None:
    page.get_by_role("button", name="开始值守").click()
    title(page, "对准通行码")


def scans(page: Page, count: int) -> list[int]:
    """So many cards held before the camera: the numbers of their records."""
    return [next_one(page) for _ in range(count)]


def next_one(page: Page) -> int:
    shown = page.locator("[data-verdict]")
    shown.wait_for()
    number = int(shown.get_attribute("data-seq") or 0)
    press(page, "下一位")
    title(page, "对准通行码")
    return number


KEYS = """(keys) => {
  for (const key of keys) document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))
}"""


def type_card(page: Page, text: str) -> None:
    """As fast as a scanner types."""
    page.evaluate(KEYS, [*text, "Enter"])


def verdict_is(page: Page, verdict: str, reason: str) -> None:
    title(page, verdict)
    expect(page.locator(".reason")).to_have_text(reason)


def send(page: Page) -> None:
    press(page, "记录与上传", "立即上传和更新")


def look(page: Page, name: str) -> None:
    """Axe finds nothing and nothing scrolls sideways, on a phone and on a laptop."""
    for size in (LAPTOP, SMALL):
        page.set_viewport_size(size)
        found = [f"{one['id']}: {one['nodes'][0]['html']}" for one in Axe().run(page).response["violations"]]
        across = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert (name, found, across) == (name, [], 0)
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/{name}-{size['width']}.png")


def test_phone_is_killed_reopened_offline_and_sends_each_scan_once(real_post: RealPost) -> None:
    """Through the camera, before the server's own API."""
    page = real_post.enrol()
    begin(page)
    seen = scans(page, 1)
    real_post.server_down()
    seen += scans(page, 2)
    real_post.handset.kill()

    page = real_post.open()
    begin(page)
    expect(page.get_by_role("banner")).to_contain_text("离线")
    seen += scans(page, 1)
    assert seen == [1, 2, 3, 4]

    real_post.server_up()
    press(page, "记录与上传")
    for _ in range(2):
        press(page, "立即上传和更新")
        expect(page.locator(".received")).to_have_text("1-4 已上传，无遗漏")
    real_post.server_down()
    with use_scope(FULL):
        rows = list(Observation.objects.order_by("seq").values_list("seq", "verdict", "reason"))
        passes = set(Observation.objects.values_list("pass_id", flat=True))
    assert rows == [(seq, Verdict.ADMIT, Reason.NONE) for seq in (1, 2, 3, 4)]
    assert passes == {1001, 1002}


def test_scan_whose_answer_was_lost_is_there_once_as_it_was_shown(post: Post) -> None:
    """Never arrived; arrived and not kept; kept and the answer lost; kept, and the phone died before it heard."""
    page = post.enrol()
    begin(page)
    post.server_down()
    type_card(page, worlds.pass_text(1001))
    assert next_one(page) == 1
    post.server_up()

    for number, failure in ((2, "uncommitted"), (3, "answer_lost"), (4, "phone_dies")):
        post.double.next_failures = [failure]
        type_card(page, worlds.pass_text(1001))
        if failure != "phone_dies":
            assert next_one(page) == number
            send(page)
            expect(page.locator(".received")).to_have_text(f"1-{number} 已上传，无遗漏")
            press(page, "返回扫码")
    assert post.handset.process is None or post.handset.process.wait(30) is not None

    page = post.open()
    begin(page)
    send(page)
    expect(page.locator(".received")).to_have_text("1-4 已上传，无遗漏")
    expect(page.locator("main")).to_contain_text("待上传 0 条")
    assert (sorted(post.double.rows), post.double.doubled) == ([1, 2, 3, 4], [])
    assert {row["verdict"] for row in post.double.rows.values()} == {Verdict.ADMIT}


def test_two_tabs_share_one_sequence_without_gap_or_double(post: Post) -> None:
    page = post.enrol()
    begin(page)
    other = page.context.new_page()
    other.goto(page.url)
    begin(other)
    tabs = [page, other]
    for _ in range(3):
        for tab in tabs:
            type_card(tab, worlds.pass_text(1001))
        for tab in tabs:
            next_one(tab)
    for tab in tabs:
        send(tab)
    expect(page.locator(".received")).to_have_text("1-6 已上传，无遗漏")
    assert (sorted(post.double.rows), post.double.doubled) == ([1, 2, 3, 4, 5, 6], [])


def test_every_way_through_the_gate_is_recorded_as_it_was_shown(post: Post) -> None:
    page = post.open()
    page.get_by_label("登记码").fill("WRONG")
    page.get_by_label("本机叫什么").fill("南门1号机")
    press(page, "登记本机")
    expect(page.get_by_role("alert")).to_have_text("登记码不对，或已经用过")
    look(page, "enrol")
    page.get_by_label("登记码").fill(CODE)
    press(page, "登记本机")
    title(page, "班前自检")
    look(page, "selfcheck")
    begin(page)
    look(page, "scan")

    type_card(page, worlds.pass_text(1001))
    verdict_is(page, "放行", "符合通行要求")
    press(page, "撤销")

    type_card(page, worlds.pass_text(1001, private=make.FOREIGN_KEY))
    title(page, "不是本系统签发的通行证")
    look(page, "identify")
    press(page, "查不到，按无证人员")
    look(page, "entry")
    for label, text in (
        ("姓名", "赵客"),
        ("手机号", "13800000000"),
        ("去几号楼", "3"),
        ("几室", "501"),
        ("事由", "修水管"),
    ):
        page.get_by_label(label, exact=True).fill(text)
    press(page, "登记并放行")
    verdict_is(page, "登记后放行", "不是本系统签发的通行证")
    look(page, "after-entry")

    type_card(page, worlds.pass_text(1999))
    title(page, "通行证已作废：已挂失")
    press(page, "查身份证号、姓名")
    page.get_by_label("身份证号；或姓名").fill(worlds.ID_NUMBER)
    expect(page.get_by_role("button", name="陈*兰")).to_be_visible()
    look(page, "find")
    press(page, "3 号楼 601 室 全家 3 人一起…")
    look(page, "group")
    page.get_by_label("王*英").uncheck()
    press(page, "一起过")
    verdict_is(page, "放行", "符合通行要求")
    press(page, "下一位", "访客", "不愿登记，劝返")
    verdict_is(page, "劝返", "不愿登记")
    look(page, "turn-back")
    press(page, "下一位", "当日纸条")
    look(page, "slip")
    press(page, "词和颜色都相符")
    verdict_is(page, "放行", "符合通行要求")

    post.double.rules = [worlds.rule(checks=31, exits={"count": 1, "days": 1}, declaration_every_days=7)]
    press(page, "下一位")
    send(page)
    expect(page.locator(".received")).to_have_text("1-6 已上传，无遗漏")
    press(page, "返回扫码")
    type_card(page, worlds.pass_text(1001))
    title(page, "先查验")
    look(page, "checks")
    answer_checks(page, "38.5")
    verdict_is(page, "转送发热门诊", "体温异常")
    look(page, "clinic")
    type_card(page, worlds.pass_text(1002))
    answer_checks(page, "36.5")
    verdict_is(page, "放行", "健康登记已到期")
    look(page, "admit")
    press(page, "下一位")
    page.get_by_label("出", exact=True).check(force=True)
    for expected in (("放行", "符合通行要求"), ("劝返", "本户外出次数已用完")):
        page.keyboard.type(worlds.ID_NUMBER)
        page.keyboard.press("Enter")
        answer_checks(page, "365")
        verdict_is(page, *expected)
        press(page, "下一位")
    press(page, "记录与上传")
    page.get_by_role("button", name="撤销第 9 号").click()
    look(page, "log")
    press(page, "返回扫码")
    type_card(page, worlds.ID_NUMBER)
    answer_checks(page, "365")
    verdict_is(page, "放行", "符合通行要求")
    press(page, "下一位")
    send(page)
    expect(page.locator(".received")).to_have_text("1-12 已上传，无遗漏")
    check_rows(post.double)


def answer_checks(page: Page, temperature: str) -> None:
    page.get_by_label("体温（℃）").fill(temperature)
    for question, answer in (
        ("口罩", "戴好"),
        ("健康码", "已看，正常"),
        ("行程卡", "已看，正常"),
        ("是本人吗", "相符"),
    ):
        page.get_by_role("group", name=question).get_by_label(answer).check(force=True)
    press(page, "看结果")


def check_rows(double: Double) -> None:
    names = ("how", "pass", "dir", "verdict", "reason", "checks", "temp", "party", "annuls")
    assert [tuple(double.rows[seq][name] for name in names) for seq in sorted(double.rows)] == [
        (How.QR, "1001", 1, Verdict.ADMIT, Reason.NONE, 0, None, 1, None),
        (How.QR, "1001", 1, Verdict.ADMIT, Reason.NONE, 0, None, 1, 1),
        (How.QR, None, 1, Verdict.ADMIT_AFTER_ENTRY, Reason.BAD_SIGNATURE, 0, None, 1, None),
        (How.GROUP, "1004", 1, Verdict.ADMIT, Reason.NONE, 0, None, 2, None),
        (How.VISITOR, None, 1, Verdict.TURN_BACK, Reason.ENTRY_REFUSED, 0, None, 1, None),
        (How.SLIP, None, 1, Verdict.ADMIT, Reason.NONE, 0, None, 1, None),
        (How.QR, "1001", 1, Verdict.FEVER_CLINIC, Reason.FEVER, 31, 385, 1, None),
        (How.QR, "1002", 1, Verdict.ADMIT, Reason.DECLARATION_DUE, 31, 365, 1, None),
        (How.ID_NUMBER, None, 2, Verdict.ADMIT, Reason.NONE, 31, 365, 1, None),
        (How.ID_NUMBER, None, 2, Verdict.TURN_BACK, Reason.QUOTA_USED, 31, 365, 1, None),
        (How.ID_NUMBER, None, 2, Verdict.ADMIT, Reason.NONE, 31, 365, 1, 9),
        (How.ID_NUMBER, None, 2, Verdict.ADMIT, Reason.NONE, 31, 365, 1, None),
    ]
    visitor = {"name": "赵客", "phone": "13800000000", "building": "3", "room": "501", "purpose": "修水管"}
    assert {seq: row["visitor"] for seq, row in double.rows.items() if "visitor" in row} == {3: visitor}
    assert {row["day"] for row in double.rows.values()} == {"2020-03-18"}


def test_refused_scan_stays_in_sight_and_a_revoked_or_wiped_phone_forgets_the_roster(post: Post) -> None:
    post.double.rejected = {2: "sequence_reused"}
    page = post.enrol()
    begin(page)
    for _ in range(2):
        type_card(page, worlds.pass_text(1001))
        next_one(page)
    send(page)
    expect(page.locator("main")).to_contain_text("第 2 号：同一序号内容不同")
    look(page, "quarantine")
    sent = [seq for batch in post.double.batches for seq in batch]
    press(page, "立即上传和更新", "返回扫码")
    assert [seq for batch in post.double.batches for seq in batch] == sent

    post.double.is_revoked = True
    send(page)
    press(page, "返回扫码")
    title(page, "本机已停用")
    look(page, "revoked")
    assert kept(page) == {"manifest": False, "rosterKey": False, "device": True, "observations": 2}


def test_phone_told_to_wipe_keeps_bare_scans_only(post: Post) -> None:
    page = post.enrol()
    begin(page)
    post.double.is_revoked = post.double.must_wipe = True
    type_card(page, worlds.pass_text(1001))
    next_one(page)
    send(page)
    expect(page.get_by_label("登记码")).to_be_visible()
    assert (post.double.is_wiped, post.double.held) == (True, [1])
    assert kept(page) == {"manifest": False, "rosterKey": False, "device": False, "observations": 1}


def test_roster_goes_when_the_phone_was_three_days_without_a_sync(post: Post) -> None:
    page = post.enrol()
    begin(page)
    post.server_down()
    page.clock.install(time=datetime.now(UTC) + timedelta(hours=72, seconds=30))
    page.reload()
    press(page, "再查一次")
    expect(page.locator("main")).to_contain_text("没有，请联网")
    assert kept(page) == {"manifest": False, "rosterKey": False, "device": True, "observations": 0}


KEPT = """async () => {
  const db = await new Promise((resolve) => {
    const asked = indexedDB.open('shouwang-gate')
    asked.onsuccess = () => resolve(asked.result)
  })
  const ask = (store, method, ...values) => new Promise((resolve) => {
    const asked = db.transaction(store).objectStore(store)[method](...values)
    asked.onsuccess = () => resolve(asked.result)
  })
  const has = async (name) => (await ask('state', 'get', name)) !== undefined
  const all = await ask('observations', 'getAll')
  const found = {manifest: await has('manifest'), rosterKey: await has('key:roster'), device: await has('device'),
                 observations: all.length}
  db.close()
  return found
}"""


def kept(page: Page) -> dict[str, object]:
    """What lies in the phone's database."""
    return dict(page.evaluate(KEPT))
