"""Figures and their rows as workbooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from shouwang.areas.public import full_names
from shouwang.kernel import clock
from shouwang.kernel.downloads import table_download
from shouwang.kernel.figures import Figure, Row
from shouwang.kernel.spreadsheets import Column, Kind
from shouwang.kernel.spreadsheets.reading import Value

from .models import Bulletin
from .queries import PrintedFigure, label_rows

CHUNK_ROWS = 2_000


def figure_rows_file(
    figure: Figure, page_of_rows: Callable[[int, int], list[Row]], file_format: str
) -> HttpResponseBase:
    """Every row behind a figure; persons by name and the last four of the ID."""
    columns = [
        Column("occurred_on", _("日期"), kind=Kind.DATE),
        Column("area", _("区划"), kind=Kind.TEXT),
        Column("name", _("姓名"), kind=Kind.NAME),
        Column("tail", _("证件号后四位"), kind=Kind.CODE),
        Column("household", _("家庭编号"), kind=Kind.CODE),
        Column("amount_fen", _("金额（元）"), kind=Kind.AMOUNT),
    ]
    return table_download(str(figure.label), columns, _labelled(page_of_rows), file_format)


def _labelled(page_of_rows: Callable[[int, int], list[Row]]) -> Iterator[dict[str, Value]]:
    offset = 0
    while rows := page_of_rows(offset, CHUNK_ROWS):
        labels = label_rows(rows)
        for row in rows:
            name, tail = labels.persons.get(row.person_id, ("", "")) if row.person_id else ("", "")
            yield {
                "occurred_on": row.occurred_on,
                "area": labels.areas.get(row.area_code, ""),
                "name": name,
                "tail": tail,
                "household": labels.households.get(row.household_id, "") if row.household_id else "",
                "amount_fen": row.amount_fen,
            }
        offset += CHUNK_ROWS


def figure_table_file(title: str, figures: list[PrintedFigure], file_format: str) -> HttpResponseBase:
    """The table by reporting unit: a line per unit, a column per figure, totals last."""
    columns = [Column("unit", _("单位"), kind=Kind.TEXT)] + [
        Column(
            figure["key"],
            f"{figure['label']}（{_('元') if figure['unit'] == 'fen' else figure['unit']}）",
            kind=Kind.AMOUNT if figure["unit"] == "fen" else Kind.COUNT,
        )
        for figure in figures
    ]
    names = [unit["name"] for unit in figures[0]["units"]] if figures else []
    lines: list[dict[str, Value]] = [
        {"unit": name, **{figure["key"]: figure["units"][position]["value"] for figure in figures}}
        for position, name in enumerate(names)
    ]
    lines.append({"unit": _("合计"), **{figure["key"]: figure["value"] for figure in figures}})
    return table_download(title, columns, lines, file_format)


def bulletin_list_file(bulletins: QuerySet[Bulletin], file_format: str) -> HttpResponseBase:
    """The issued bulletins, without their figures."""
    columns = [
        Column("number", _("期号"), kind=Kind.COUNT),
        Column("area", _("范围")),
        Column("title", _("标题")),
        Column("since", _("起始日期"), kind=Kind.DATE),
        Column("as_of", _("截止时间")),
        Column("issuer", _("签发人")),
        Column("issued_at", _("签发时间")),
        Column("seal", _("审计封存")),
    ]
    issued = list(bulletins)
    names = full_names([bulletin.area_code for bulletin in issued])
    rows: list[dict[str, Value]] = [
        {
            "number": bulletin.number,
            "area": names.get(bulletin.area_code, ""),
            "title": bulletin.title,
            "since": bulletin.since_on,
            "as_of": f"{bulletin.as_of.astimezone(clock.TZ):%Y-%m-%d %H:%M}",
            "issuer": bulletin.issuer_name,
            "issued_at": f"{bulletin.issued_at.astimezone(clock.TZ):%Y-%m-%d %H:%M}",
            "seal": str(bulletin.seal or ""),
        }
        for bulletin in issued
    ]
    return table_download(_("已签发的快报"), columns, rows, file_format)
