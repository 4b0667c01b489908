"""The audit as an auditor reads it: who did what to which record, when and where; never about whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shouwang.areas.public import area_names, full_names, get_area
from shouwang.kernel import audit, clock
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.downloads import table_download
from shouwang.kernel.models import AuditEntry
from shouwang.kernel.spreadsheets import Column

from ..audit_words import action_words, data_words, subject_url
from ..forms import AuditQuery
from ..queries import list_audit_for

PAGE_SIZE = 50
DAYS_SHOWN = 30
"""How far back the page looks unless asked."""


@require_GET
def audit_log(request: ActorRequest) -> HttpResponseBase:
    query = AuditQuery(request.GET)
    wanted = query.cleaned_data if query.is_valid() else {}
    since, until = _period(wanted.get("since"), wanted.get("until"))
    entries = list_audit_for(
        request.actor,
        since=since,
        until=until,
        who=wanted.get("who", ""),
        what=wanted.get("what", ""),
        spans=get_area(wanted["area"]).span if wanted.get("area") else None,
    )
    if "format" in request.GET:
        return table_download(_("审计记录"), _columns(), _exported(entries), request.GET["format"])
    page = Paginator(entries, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = list(page)
    context = {
        "query": query if request.GET else AuditQuery(initial={"since": since, "until": until - timedelta(days=1)}),
        "page": page,
        "rows": [(entry, action_words(entry.action), data_words(entry), subject_url(entry.subject)) for entry in rows],
        "area_names": area_names([entry.area_code for entry in rows]),
        "seal": audit.last_anchor(),
    }
    return render(request, "accounts/audit_log.html", context)


def _period(since: date | None, until: date | None) -> tuple[datetime, datetime]:
    """Half-open; the last days where nothing is asked."""
    last = until or clock.today()
    return clock.day_start(since or last - timedelta(days=DAYS_SHOWN)), clock.day_start(last + timedelta(days=1))


def _columns() -> list[Column]:
    return [
        Column("at", _("时间")),
        Column("who", _("经办人")),
        Column("area", _("区划")),
        Column("what", _("事项")),
        Column("record", _("记录")),
        Column("data", _("内容")),
        Column("block", _("封存块")),
    ]


def _exported(entries: QuerySet[AuditEntry]) -> Iterator[dict[str, str]]:
    names = full_names(list(entries.order_by().values_list("area_code", flat=True).distinct()))
    for entry in entries.iterator(chunk_size=2000):
        yield {
            "at": f"{entry.recorded_at.astimezone(clock.TZ):%Y-%m-%d %H:%M:%S}",
            "who": entry.actor_name,
            "area": names.get(entry.area_code, ""),
            "what": action_words(entry.action),
            "record": entry.subject,
            "data": data_words(entry),
            "block": str(entry.block_number or ""),
        }
