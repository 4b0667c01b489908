"""The import's pages, as an assistant goes through them; and as a neighbour does not."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from shouwang.kernel.ids import new_id
from shouwang.kernel.models import AuditEntry
from shouwang.registry import tasks
from shouwang.registry.commands.imports import start_load
from shouwang.registry.models import ImportBatch, ImportFile, Person
from tests.accounts.clients import client_of
from tests.asking import queries_of_page
from tests.factories import FANGZI, GUDI, HANTING, acting
from tests.kernel.spreadsheets import files

from .books import HEADER, numbered
from .test_import import checked, counts, family, loaded, with_newborn

pytestmark = pytest.mark.django_db


def posted(content: bytes, name: str = "名册.xlsx", **values: object) -> dict[str, object]:
    return {
        "request_id": str(new_id()),
        "area": "370703003000",
        "since": "2020-03-18",
        "file": SimpleUploadedFile(name, content),
        **values,
    }


def upload(client: Client, content: bytes, name: str = "名册.xlsx") -> str:
    """The address of the new import's page."""
    answer = client.post(reverse("import_new"), posted(content, name))
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.headers["Location"])


def test_assistant_checks_loads_fetches_the_refused_rows_and_undoes() -> None:
    rows = family()
    rows.append(["", "2", "解家沿村委会", "王海", "370723199001011234", "户主", "", "", "", "", "", "", ""])
    with acting("township_assistant", GUDI) as actor:
        client = client_of(actor)
        assert "还没有导入过表格" in client.get(reverse("import_list")).content.decode()
        assert client.get(reverse("import_new")).status_code == 200
        url = upload(client, files.xlsx([HEADER, *rows]))
        page = client.get(url).content.decode()
        for shown in ("待导入", "导入没有问题的 3 行", "身份证号校验码不符", "哪一列是什么"):
            assert shown in page
        assert numbered(1) not in page
        assert Person.objects.count() == 0

        assert client.post(f"{url}load/").status_code == 302
        page = client.get(url).content.decode()
        for shown in ("导入完成", "新登记 3 人", "下载退回的行", "撤销导入"):
            assert shown in page
        answer = client.post(f"{url}refused/")
        content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
        assert openpyxl.load_workbook(io.BytesIO(content)).active.cell(2, 5).value == "370723199001011234"
        assert AuditEntry.objects.filter(action="import.hand_out_refused").count() == 1
        assert client.get(reverse("import_list")).content.decode().count("已导入") > 0

        assert client.post(f"{url}undo/", {"reason": ""}).status_code == 422
        assert client.post(f"{url}undo/", {"reason": "重复上报"}).status_code == 302
        assert "这次导入已撤销" in client.get(url).content.decode()
        assert ImportFile.objects.count() == 0


def test_columns_are_corrected_on_the_page() -> None:
    rows = [["甲", "身份证号", "与户主关系", "姓名"], ["解家沿村委会", numbered(1), "户主", "张永福"]]
    with acting("township_assistant", GUDI) as actor:
        client = client_of(actor)
        url = upload(client, files.xlsx(rows))
        assert "没有找到必需的列：村（社区）" in client.get(url).content.decode()
        twice = client.post(f"{url}check/", {"name": "3", "id_number": "1", "relation": "2", "village": "3"})
        assert (twice.status_code, "同一列选给了两个项目" in twice.content.decode()) == (422, True)
        chosen = {"name": "3", "id_number": "1", "relation": "2", "village": "0"}
        assert client.post(f"{url}check/", chosen).status_code == 302
        assert "导入没有问题的 1 行" in client.get(url).content.decode()


def test_file_without_anything_to_load_says_why() -> None:
    with acting("township_assistant", GUDI) as actor:
        client = client_of(actor)
        page = client.get(upload(client, files.xlsx([HEADER]))).content.decode()
        assert ("表头下面没有名单" in page, "导入没有问题的" in page) == (True, False)
        page = client.get(upload(client, files.xlsx([HEADER, ["解家沿村委会"]]))).content.decode()
        assert ("没有可以导入的行" in page, "导入没有问题的" in page) == (True, False)


def test_file_without_a_header_is_told_which_columns_are_looked_for() -> None:
    with acting("township_assistant", GUDI) as actor:
        answer = client_of(actor).post(reverse("import_new"), posted(files.xlsx([["甲", "乙"], [1, 2]])))
    assert answer.status_code == 422
    assert "没有找到表头（认得的列有：户号、户主姓名、姓名、身份证号等）" in answer.content.decode()


def test_undecided_rows_are_answered_on_the_page_before_the_load() -> None:
    header, rows = with_newborn()
    with acting("township_assistant", GUDI) as actor:
        client = client_of(actor)
        client.post(f"{upload(client, files.xlsx([header, *rows]))}load/")
        url = upload(client, files.xlsx([["三月"], header, *rows]))
        assert "有人要确认" in client.get(url).content.decode()
        page = client.get(f"{url}decide/").content.decode()
        assert "户主相同" in page
        assert client.post(f"{url}decide/", {}).status_code == 422
        (newborn,) = re.findall(r'value="([0-9a-f-]{36})"', page)
        assert client.post(f"{url}decide/", {"row_6": newborn}).status_code == 302
        assert client.post(f"{url}load/").status_code == 302
        assert counts(ImportBatch.objects.get(id=url.split("/")[-2])) == (0, 0, 4, 0, 0)


def test_all_questions_of_a_page_are_answered_at_once_by_their_count() -> None:
    header, rows = with_newborn()
    with acting("township_assistant", GUDI) as actor:
        client = client_of(actor)
        client.post(f"{upload(client, files.xlsx([header, *rows]))}load/")
        rows[1][3] = "李桂香"
        url = upload(client, files.xlsx([["三月"], header, *rows]))
        page = client.get(f"{url}decide/").content.decode()
        assert "以下全部为同一人（1 行）" in page
        assert "底册登记为 李桂兰" in page
        stale = client.post(f"{url}decide/", {"all_same": "2"})
        assert (stale.status_code, "要确认的行已有变化" in stale.content.decode()) == (422, True)
        assert client.post(f"{url}decide/", {"all_same": "1"}).status_code == 302
        page = client.get(f"{url}decide/").content.decode()
        assert ("以下全部为同一人（1 行）" in page, "张小宝" in page) == (True, True)  # asked once the name is settled
        assert client.post(f"{url}decide/", {"all_same": "1"}).status_code == 302
        assert client.post(f"{url}load/").status_code == 302
        assert counts(ImportBatch.objects.get(id=url.split("/")[-2])) == (0, 4, 0, 0, 0)


def zip_bomb() -> bytes:
    good = files.xlsx([HEADER])
    return files.with_member(good, "xl/worksheets/sheet1.xml", b"<worksheet>" + b" " * (600 << 20))


@pytest.mark.parametrize(
    ("make", "name", "message"),
    [
        (zip_bomb, "a.xlsx", "文件解压后过大"),
        (lambda: b"", "a.xlsx", "空"),
        (lambda: b"PK\x03\x04broken", "a.xlsx", "文件已损坏"),
        (lambda: b"%PDF-1.4", "a.pdf", "不是电子表格"),
        (lambda: files.xlsx([["完全", "无关"]]), "a.xlsx", "没有找到表头"),
    ],
)
def test_bad_file_is_told_in_words_and_leaves_nothing(make: object, name: str, message: str) -> None:
    with acting("township_assistant", GUDI) as actor:
        answer = client_of(actor).post(reverse("import_new"), posted(make(), name))  # type: ignore[operator]
        assert (answer.status_code, message in answer.content.decode()) == (422, True)
        assert ImportBatch.objects.count() == 0
        assert AuditEntry.objects.filter(action="import.open").count() == 0


def test_neighbour_finds_no_import_and_a_township_head_only_reads() -> None:
    with acting("township_assistant", GUDI) as actor:
        batch = loaded(actor, family())
    steps = ("", "progress/", "check/", "load/", "decide/", "refused/", "undo/")
    url = reverse("import_detail", args=[batch.id])
    with acting("county_officer", FANGZI) as neighbour:
        client = client_of(neighbour)
        for step in steps:
            answer = client.get(url + step) if step in ("", "progress/") else client.post(url + step, {"reason": "x"})
            assert (step, answer.status_code) == (step, 404)
        assert "名册.xlsx" not in client.get(reverse("import_list")).content.decode()
    with acting("township_head", GUDI) as head:
        client = client_of(head)
        page = client.get(url).content.decode()
        assert ("导入完成" in page, "撤销导入" in page) == (True, False)
        for step in ("check/", "load/", "decide/", "refused/", "undo/"):
            assert (step, client.post(url + step, {"reason": "x"}).status_code) == (step, 403)
    with acting("county_officer", HANTING):
        assert ImportBatch.objects.get(id=batch.id).state == "loaded"


def test_list_asks_the_same_number_of_queries_for_one_and_three_imports() -> None:
    with acting("township_assistant", GUDI) as actor:
        client = client_of(actor)
        numbers = []
        for count in (1, 2):
            for _again in range(count):
                checked(actor, family())
            numbers.append(queries_of_page(client, reverse("import_list")))
        assert numbers[0] == numbers[1]
        for kind in ("xlsx", "csv"):
            answer = client.get(reverse("import_list"), {"format": kind})
            assert b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def test_template_is_a_workbook_that_can_be_filled_and_imported() -> None:
    with acting("township_assistant", GUDI) as actor:
        client = client_of(actor)
        content = b"".join(client.get(reverse("import_template")).streaming_content)  # type: ignore[attr-defined]
        book = openpyxl.load_workbook(io.BytesIO(content))
        labels = [cell.value for cell in book.active[1]]
        values = {"户号": "1", "村（社区）": "解家沿", "姓名": "张永福", "身份证号": numbered(1), "与户主关系": "户主"}
        book.active.append([values.get(label) for label in labels])
        url = upload(client, files.saved(book))
        assert "导入没有问题的 1 行" in client.get(url).content.decode()


def test_large_file_is_queued_and_its_page_shows_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "INLINE_ROWS", 2)
    with acting("township_assistant", GUDI) as actor:
        client = client_of(actor)
        url = upload(client, files.xlsx([HEADER, *family()]))
        assert "import-progress" in client.get(url).content.decode()
        assert client.get(f"{url}progress/").status_code == 200
        batch = ImportBatch.objects.get()
        tasks.check_import_task.func(post_id=str(actor.post_id), batch_id=str(batch.id))
        done = client.get(f"{url}progress/", headers={"HX-Request": "true"})
        assert (done.status_code, done.headers["HX-Redirect"]) == (204, url)
        client.post(f"{url}load/")
        batch.refresh_from_db()
        assert batch.state == "loading"
        tasks.load_import_task.func(post_id=str(actor.post_id), batch_id=str(batch.id))
        batch.refresh_from_db()
        assert (batch.state, counts(batch)) == ("loaded", (3, 0, 0, 0, 0))


def test_loading_batch_that_nobody_holds_is_put_back() -> None:
    with acting("township_assistant", GUDI) as actor:
        batch = checked(actor, family())
        start_load(actor=actor, batch_id=batch.id)
        page = client_of(actor).get(reverse("import_detail", args=[batch.id])).content.decode()
        assert "导入没有问题的 3 行" in page
        batch.refresh_from_db()
        assert batch.state == "checked"
        assert AuditEntry.objects.filter(action="import.reset").count() == 1
