"""Pages of the standards and parameters: what holds, since when and by which notice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from shouwang.areas.public import full_names
from shouwang.kernel import clock
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.downloads import table_download
from shouwang.kernel.spreadsheets import Column, Kind
from shouwang.kernel.spreadsheets.reading import Value

from ..forms.parameters import (
    HistoryQuery,
    ParameterQuery,
)
from ..policies_parameters import PROPOSES_PARAMETERS
from ..queries.parameter_pages import (
    Holding,
    get_history_for,
    list_parameters_for,
)
from ..rules.parameter_groups import GROUPS, group_of, groups_reached
from ..rules.parameter_words import value_words

PAGE_SIZE = 50
_TONES = {"confirmed": "done", "placeholder": "waiting", "absent": "neutral", "missing": "overdue"}
_WORDS = {
    "confirmed": gettext_lazy("已核定"),
    "placeholder": gettext_lazy("占位"),
    "absent": gettext_lazy("未设"),
    "missing": gettext_lazy("缺少"),
}


@require_GET
def parameter_list(request: ActorRequest) -> HttpResponseBase:
    query = ParameterQuery(request.GET)
    wanted = query.wanted()
    area_code, month = wanted.get("area") or request.actor.area_code, query.chosen_month()
    holdings = list_parameters_for(
        request.actor,
        area_code=area_code,
        month=month,
        group=wanted.get("group", ""),
        text=wanted.get("q", ""),
        state=wanted.get("state", ""),
    )
    if "format" in request.GET:
        return table_download(_("标准与参数"), _columns(), _rows(holdings), request.GET["format"])
    page = Paginator(holdings, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "query": query,
        "page": page,
        "rows": [(holding, _WORDS[holding.state], _TONES[holding.state]) for holding in page],
        "area_code": area_code,
        "area_name": full_names([area_code]).get(area_code, ""),
        "month": month,
        "placeholder_count": sum(holding.state == "placeholder" for holding in holdings),
        "missing_count": sum(holding.state == "missing" for holding in holdings),
        "may_propose": request.actor.role in PROPOSES_PARAMETERS,
    }
    return render(request, "assistance/parameters/list.html", context)


def _columns() -> list[Column]:
    return [
        Column("group", _("救助类别")),
        Column("label", _("标准")),
        Column("key", _("代码")),
        Column("value", _("数值")),
        Column("since", _("自何时起"), kind=Kind.DATE),
        Column("source", _("依据")),
        Column("area", _("来自")),
        Column("state", _("状态")),
        Column("meaning", _("说明")),
    ]


def _rows(holdings: Sequence[Holding]) -> Iterator[dict[str, Value]]:
    for holding in holdings:
        row = holding.row
        yield {
            "group": holding.group,
            "label": holding.entry.label,
            "key": holding.entry.key,
            "value": holding.value,
            "since": row.valid_from if row else None,
            "source": holding.source,
            "area": holding.source_area,
            "state": str(_WORDS[holding.state]),
            "meaning": holding.entry.meaning,
        }


@require_GET
def parameter_history(request: ActorRequest, key: str) -> HttpResponse:
    query = HistoryQuery(request.GET)
    wanted = query.wanted()
    area_code, known_on = wanted.get("area") or request.actor.area_code, wanted.get("known_on")
    known_at = clock.day_start(known_on + timedelta(days=1)) if known_on else None
    history = get_history_for(request.actor, key=key, area_code=area_code, known_at=known_at)
    context = {
        "query": query,
        "history": history,
        "versions": [(version, value_words(version.row)) for version in history.versions],
        "records": [(record, value_words(record.row)) for record in history.records],
        "area_code": area_code,
        "area_name": full_names([area_code]).get(area_code, ""),
        "known_on": known_on,
        "group": GROUPS[group_of(key)],
        "reached": [GROUPS[group] for group in groups_reached(key)],
        "may_propose": request.actor.role in PROPOSES_PARAMETERS,
    }
    return render(request, "assistance/parameters/history.html", context)
