"""Pages of the standards and parameters: what holds, since when and by which notice; proposing and deciding a change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.forms import BaseFormSet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwang.areas.public import area_names, full_names
from shouwang.kernel import clock
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.downloads import table_download
from shouwang.kernel.errors import DomainError
from shouwang.kernel.ids import new_id
from shouwang.kernel.refusals import refusals_shown_in
from shouwang.kernel.spreadsheets import Column, Kind
from shouwang.kernel.spreadsheets.reading import Value

from ..commands.parameters import decide_parameters, propose_parameters
from ..forms.parameters import (
    ROWS_SHOWN,
    DecideForm,
    HistoryQuery,
    NoticeForm,
    NoticeQuery,
    ParameterQuery,
    ValueForm,
    ValueForms,
    digest_of,
    posted,
)
from ..models import ParameterNotice
from ..policies_parameters import PROPOSES_PARAMETERS, ensure_may_propose, may_decide
from ..queries.documents import documents_for
from ..queries.parameter_changes import Change, ProposedNotice, announcement_of, changes_of, check_values, proposed_of
from ..queries.parameter_pages import (
    Holding,
    decision_of,
    get_history_for,
    get_notice_for,
    issuing_areas,
    list_notices_for,
    list_parameters_for,
)
from ..queries.parameters import area_label, rows_around
from ..rules.benefits.catalogue import catalogue
from ..rules.monthly import next_month
from ..rules.parameter_groups import GROUPS, group_of, groups_reached
from ..rules.parameter_words import difference_words, source_words, value_words
from ..states import NoticeVerdict

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


@require_GET
def parameter_notice_list(request: ActorRequest) -> HttpResponseBase:
    query = NoticeQuery(request.GET)
    notices = list_notices_for(request.actor, state=query.wanted().get("state", ""))
    if "format" in request.GET:
        return table_download(_("标准与参数通知"), _notice_columns(), _notice_rows(notices), request.GET["format"])
    page = Paginator(notices, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "query": query,
        "page": page,
        "rows": [(notice, decision_of(notice)) for notice in page],
        "names": area_names([notice.area_code for notice in page]),
        "may_propose": request.actor.role in PROPOSES_PARAMETERS,
    }
    return render(request, "assistance/parameters/notice_list.html", context)


def _notice_columns() -> list[Column]:
    return [
        Column("number", _("文号")),
        Column("title", _("标题")),
        Column("area", _("地区")),
        Column("effective", _("执行日期"), kind=Kind.DATE),
        Column("count", _("项数"), kind=Kind.COUNT),
        Column("proposer", _("提出")),
        Column("state", _("状态")),
    ]


def _notice_rows(notices: Iterable[ParameterNotice]) -> Iterator[dict[str, Value]]:
    found = list(notices)
    names = area_names([notice.area_code for notice in found])
    for notice in found:
        decision = decision_of(notice)
        yield {
            "number": notice.number,
            "title": notice.title,
            "area": names.get(notice.area_code, ""),
            "effective": notice.effective_on,
            "count": notice.value_count,
            "proposer": notice.proposer_name,
            "state": decision.get_verdict_display() if decision else _("等待确认"),
        }


@require_http_methods(["GET", "POST"])
def parameter_notice_new(request: ActorRequest) -> HttpResponse:
    """Type or load the values, check them against what holds, edit the text for publication, then propose."""
    ensure_may_propose(request.actor, [request.actor.area_code])
    if request.method != "POST":
        return _form_page(request, _blank_form(request), _blank_values(request))
    form, values = _sent_forms(request)
    step = request.POST.get("step", "check")
    if step == "more":
        return _form_page(request, _unbound(request, form), _more_values(request, values))
    if not (form.is_valid() and values.is_valid()):
        return _form_page(request, form, values, status=422)
    try:
        proposed = form.proposed(values)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return _form_page(request, form, values, status=422)
    with refusals_shown_in(form):
        ensure_may_propose(request.actor, {proposed.area_code, *(value.area_code for value in proposed.values)})
        changes = check_values(proposed, rows_around(proposed.area_code))
        checked = digest_of(replace(proposed, announcement=""))
        if step == "propose" and form.cleaned_data["checked"] == checked:
            notice = propose_parameters(
                actor=request.actor, notice_id=form.cleaned_data["request_id"], proposed=proposed
            )
            messages.success(request, _("已提出，等待另一人确认。"))
            return redirect("parameter_notice_page", notice.id)
        return _checked_page(request, form, values, proposed, changes, checked)
    return _form_page(request, form, values, status=422)


def _checked_page(
    request: ActorRequest,
    form: NoticeForm,
    values: BaseFormSet[ValueForm],
    proposed: ProposedNotice,
    changes: Sequence[Change],
    checked: str,
) -> HttpResponse:
    """The form once more with what it would change, and the text that says so unless the officer has written their own."""
    drafted = announcement_of(proposed, changes)
    is_edited = proposed.announcement and form.cleaned_data["drafted"] != digest_of(proposed.announcement.strip())
    text = proposed.announcement if is_edited else drafted
    shown = {"announcement": text, "drafted": digest_of(drafted.strip()), "checked": checked}
    if form.cleaned_data.get("yaml"):
        shown["yaml"] = form.cleaned_data["yaml"]
    again = _unbound(request, form, shown)
    return _form_page(request, again, values, changes=changes, is_edited=bool(is_edited))


def _form_page(
    request: ActorRequest,
    form: NoticeForm,
    values: BaseFormSet[ValueForm],
    *,
    changes: Sequence[Change] = (),
    is_edited: bool = False,
    status: int = 200,
) -> HttpResponse:
    words = {word for entry in catalogue().values() for word in entry.choices.values()}
    context = {
        "form": form,
        "values": values,
        "changes": _shown(changes),
        "is_edited": is_edited,
        "choices": ["随上级", *sorted(words)],
    }
    return render(request, "assistance/parameters/notice_new.html", context, status=status)


def _choices(request: ActorRequest) -> dict[str, Any]:
    return {
        "areas": issuing_areas(request.actor),
        "documents": [(str(document.id), str(document)) for document in documents_for(request.actor)[:100]],
    }


def _sent_forms(request: ActorRequest) -> tuple[NoticeForm, BaseFormSet[ValueForm]]:
    areas = _choices(request)["areas"]
    values = ValueForms(request.POST, prefix="values", form_kwargs={"areas": areas})
    return NoticeForm(request.POST, request.FILES, **_choices(request)), values


def _unbound(request: ActorRequest, form: NoticeForm, changes: dict[str, str] | None = None) -> NoticeForm:
    """The same answers, nothing complained of."""
    names = {name for name in form.fields if name in request.POST}
    initial = posted({name: request.POST[name] for name in names}, changes or {})
    return NoticeForm(initial=initial, **_choices(request))


def _blank_form(request: ActorRequest) -> NoticeForm:
    initial = {
        "request_id": new_id(),
        "area": request.actor.area_code,
        "effective_on": next_month(clock.today()),
    }
    return NoticeForm(initial=initial, **_choices(request))


def _blank_values(request: ActorRequest) -> BaseFormSet[ValueForm]:
    """The standards that were chosen on the list, with what holds now; or some empty rows."""
    chosen = [key for key in request.GET.getlist("key") if key in catalogue()]
    initial: list[dict[str, object]] = []
    if chosen:
        today = clock.today().replace(day=1)
        held = list_parameters_for(request.actor, area_code=request.actor.area_code, month=today)
        initial = [
            {
                "key": one.entry.key,
                "area": request.actor.area_code,
                "text": "" if one.row is None or one.row.text is None else _typed(one),
                "unit": one.row.unit if one.row is not None and one.row.unit != one.entry.unit else "",
            }
            for one in held
            if one.entry.key in chosen
        ]
    initial += [{"area": request.actor.area_code}] * max(1, ROWS_SHOWN - len(initial))
    return _values(request, initial)


def _typed(holding: Holding) -> str:
    assert holding.row is not None
    return holding.entry.show(holding.row.value).replace(",", "")


def _more_values(request: ActorRequest, values: BaseFormSet[ValueForm]) -> BaseFormSet[ValueForm]:
    fields = ("key", "area", "text", "unit", "article", "status")
    initial: list[dict[str, object]] = [
        {name: request.POST.get(form.add_prefix(name), "") for name in fields}
        for form in values
        if request.POST.get(form.add_prefix("key")) or request.POST.get(form.add_prefix("text"))
    ]
    return _values(request, initial + [{"area": request.actor.area_code}] * ROWS_SHOWN)


def _values(request: ActorRequest, initial: list[dict[str, object]]) -> BaseFormSet[ValueForm]:
    areas = _choices(request)["areas"]
    return ValueForms(initial=initial, prefix="values", form_kwargs={"areas": areas})


@require_GET
def parameter_notice_page(request: ActorRequest, notice_id: UUID) -> HttpResponse:
    return _notice_page(request, get_notice_for(request.actor, notice_id), DecideForm())


@require_POST
def parameter_notice_decide(request: ActorRequest, notice_id: UUID, verdict: str) -> HttpResponse:
    notice = get_notice_for(request.actor, notice_id)
    form = DecideForm(request.POST)
    if form.is_valid():
        with refusals_shown_in(form):
            decide_parameters(
                actor=request.actor,
                notice_id=notice_id,
                verdict=NoticeVerdict.CONFIRMED if verdict == "confirm" else NoticeVerdict.REFUSED,
                reason=form.cleaned_data["reason"],
            )
            messages.success(request, _("已确认，从现在起按新标准核算。") if verdict == "confirm" else _("已退回。"))
            return redirect("parameter_notice_page", notice_id)
    return _notice_page(request, notice, form, status=422)


def _notice_page(
    request: ActorRequest, notice: ParameterNotice, form: DecideForm, *, status: int = 200
) -> HttpResponse:
    decision = decision_of(notice)
    decided_at = decision.recorded_at if decision else None
    proposed = proposed_of(notice)
    context = {
        "notice": notice,
        "decision": decision,
        "area_name": full_names([notice.area_code]).get(notice.area_code, ""),
        "changes": _shown(changes_of(proposed, rows_around(notice.area_code, decided_at), as_of=decided_at)),
        "problems": () if decision else _problems(proposed),
        "may_decide": decision is None and may_decide(request.actor, notice.area_code, notice.recorded_by),
        "is_own": decision is None and notice.recorded_by == request.actor.user_id,
        "form": form,
    }
    return render(request, "assistance/parameters/notice_page.html", context, status=status)


def _problems(proposed: ProposedNotice) -> tuple[str, ...]:
    """Why the notice could not be confirmed as things stand now."""
    try:
        check_values(proposed, rows_around(proposed.area_code))
    except DomainError as refusal:
        return (refusal.message,)
    return ()


@require_GET
def parameter_announcement(request: ActorRequest, notice_id: UUID) -> HttpResponse:
    """The text for publication, to be printed."""
    notice = get_notice_for(request.actor, notice_id)
    head, _sign, body = notice.announcement.partition("\n")
    context = {
        "notice": notice,
        "decision": decision_of(notice),
        "head": head,
        "paragraphs": [line for line in body.split("\n") if line.strip()],
    }
    return render(request, "assistance/parameters/announcement.html", context)


def _shown(changes: Sequence[Change]) -> list[dict[str, object]]:
    """Changes in words, one row each."""
    codes = {change.new.area_code for change in changes}
    codes |= {row.area_code for change in changes for row in (change.old, change.now) if row is not None}
    names = area_names(list(codes))
    return [
        {
            "area": area_label(change.new.area_code, names),
            "entry": catalogue()[change.new.key],
            "history_url": _history_url(change.new.key, change.new.area_code),
            "old": value_words(change.old),
            "old_area": _inherited(change, names),
            "new": value_words(change.new),
            "difference": difference_words(change.old, change.new),
            "valid_from": change.new.valid_from,
            "source": source_words(change.new),
            "is_placeholder": change.new.status.value == "placeholder",
            "hints": _hints(change, names),
        }
        for change in changes
    ]


def _inherited(change: Change, names: dict[int, str]) -> str:
    if change.old is None or change.old.area_code == change.new.area_code:
        return ""
    return area_label(change.old.area_code, names)


def _history_url(key: str, area_code: int) -> str:
    return f"{reverse('parameter_history', args=[key])}?area={area_code}"


def _hints(change: Change, names: dict[int, str]) -> list[str]:
    """What an officer should know before they put it in force."""
    hints = []
    if change.new.text is None:
        above = value_words(change.now)
        area = area_label(change.now.area_code, names) if change.now else ""
        hints.append(_("以后按上级标准：%(above)s %(area)s") % {"above": above, "area": area})
    if change.line_count:
        hints.append(
            _("最近一月发放 %(lines)s 笔，涉及 %(units)s 个发放单位")
            % {"lines": f"{change.line_count:,}", "units": len(change.units)}
        )
    others = [str(GROUPS[group]) for group in groups_reached(change.new.key) if group != group_of(change.new.key)]
    if others:
        hints.append(_("%(others)s随之变化") % {"others": "、".join(others)})
    if change.paid_months:
        hints.append(
            _("%(months)s 已经发放，差额要补发或追回")
            % {"months": "、".join(f"{month:%Y-%m}" for month in change.paid_months)}
        )
    return hints
