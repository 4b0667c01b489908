"""Pages of groups: the organisation of an event in an area, one group, the call tree, the responsibility matrix, units."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwang.accounts.public import officers_within
from shouwang.areas.public import Area, area_chains, area_names, full_names, get_area
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.downloads import table_download
from shouwang.kernel.errors import NotAllowed, NotFound
from shouwang.kernel.ids import new_id
from shouwang.kernel.refusals import refusals_shown_in
from shouwang.kernel.spreadsheets import Column
from shouwang.kernel.spreadsheets.reading import Value

from ..commands import groups as commands
from ..forms_command import GroupQuery, GroupsForm, InAreaQuery, LineForm, MemberForm, PhoneForm, ReasonForm
from ..group_templates import GROUP_TEMPLATES
from ..models import Event, Group
from ..policies_command import SEES_PHONES
from ..queries import groups as queries
from ..queries.events import get_event_for
from ..queries.tasks import open_by_field

PAGE_SIZE = 50


@require_GET
def group_list(request: ActorRequest) -> HttpResponseBase:
    """The groups that stand, of every open event, in the actor's areas."""
    query = GroupQuery(request.GET)
    wanted = query.cleaned_data if query.is_valid() else {}
    groups = queries.list_groups_for(request.actor, area_code=wanted.get("area"), text=wanted.get("q", ""))
    if "format" in request.GET:
        return table_download(_("工作组"), _group_columns(), _group_rows(groups), request.GET["format"])
    page = Paginator(queries.with_heads(groups), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"query": query, "page": page, "area_names": area_names([group.area_code for group in page])}
    return render(request, "response/group_list.html", context)


def _group_columns() -> list[Column]:
    return [
        Column("event", _("事件")),
        Column("area", _("区划")),
        Column("name", _("工作组")),
        Column("head", _("组长")),
        Column("members", _("人数")),
        Column("from_on", _("成立日期")),
    ]


def _group_rows(groups: QuerySet[Group]) -> Iterator[dict[str, Value]]:
    listed = list(queries.with_heads(groups))
    names = full_names([group.area_code for group in listed])
    for group in listed:
        yield {
            "event": group.event.title,
            "area": names.get(group.area_code, ""),
            "name": group.name,
            "head": group.head_name or "",  # type: ignore[attr-defined]  # annotated by the query
            "members": group.member_count,  # type: ignore[attr-defined]
            "from_on": group.from_on,
        }


@require_GET
def event_groups(request: ActorRequest, event_id: UUID) -> HttpResponse:
    """The organisation of an event in an area: groups, people, lines, holes, and what stood before."""
    event, area, query = _place(request, event_id)
    standing = queries.roster(request.actor, event, [area.code])
    context = _shared(request, event, area, query) | {
        "rows": standing.rows(),
        "holes": queries.holes_of(standing, area.code),
        "past": queries.history_of(request.actor, event, area.code),
    }
    return render(request, "response/event_groups.html", context)


@require_GET
def call_tree(request: ActorRequest, event_id: UUID) -> HttpResponse:
    event, area, query = _place(request, event_id)
    calls = queries.call_tree(queries.roster(request.actor, event, [area.code]))
    context = _shared(request, event, area, query) | {
        "calls": calls,
        "sees_phones": request.actor.role in SEES_PHONES,
    }
    return render(request, "response/call_tree.html", context)


@require_GET
def duty_matrix(request: ActorRequest, event_id: UUID) -> HttpResponse:
    """Who answers for what, who does it, and when; with what is open of it."""
    event, area, query = _place(request, event_id)
    waiting = open_by_field(request.actor, event.id, area.code)
    lines = queries.responsibility_lines(queries.roster(request.actor, event, [area.code]))
    context = _shared(request, event, area, query) | {
        "rows": [(row, waiting.get(row.field)) for row in lines],
    }
    return render(request, "response/duty_matrix.html", context)


@require_GET
def event_units(request: ActorRequest, event_id: UUID) -> HttpResponse:
    """Which units below have formed their groups, and what each lacks: the gaps first."""
    event, area, query = _place(request, event_id)
    rows = queries.rollup(request.actor, event, area)
    context = _shared(request, event, area, query) | {
        "rows": rows,
        "formed_count": sum(row.formed_on is not None for row in rows),
        "gap_count": sum(row.has_gap for row in rows),
    }
    return render(request, "response/event_units.html", context)


def _place(request: ActorRequest, event_id: UUID) -> tuple[Event, Area, InAreaQuery]:
    """The event and the area asked for, the actor's own where none is. Raises NotFound for an area that is not theirs."""
    event = get_event_for(request.actor, event_id)
    query = InAreaQuery(request.GET)
    asked = query.cleaned_data["area"] if query.is_valid() else None
    area = get_area(asked or request.actor.area_code)
    if not request.actor.scope.commands(area.code):
        raise NotFound(_("没有这个区划，或者不在您的管辖范围"), reason="group.area")
    return event, area, query if request.GET else InAreaQuery(initial={"area": area.code})


def _shared(request: ActorRequest, event: Event, area: Area, query: InAreaQuery) -> dict[str, Any]:
    return {
        "event": event,
        "area": area,
        "query": query,
        "may_arrange": queries.may_arrange(request.actor, event, area),
        "tabs": [
            (label, reverse(name, args=[event.id]), request.path == reverse(name, args=[event.id]))
            for name, label in _TABS
        ],
        "asked": f"?area={area.code // 1000:012d}" if area.code != request.actor.area_code else "",
    }


_TABS = (
    ("event_groups", gettext_lazy("组织机构")),
    ("duty_matrix", gettext_lazy("责任矩阵")),
    ("call_tree", gettext_lazy("通信录")),
    ("event_units", gettext_lazy("下级成立情况")),
)


@require_http_methods(["GET", "POST"])
def group_form(request: ActorRequest, event_id: UUID) -> HttpResponse:
    event, area, _query = _place(request, event_id)
    if not queries.may_arrange(request.actor, event, area):
        raise NotAllowed(_("工作组由当地民政负责人、经办，或工作组的组长、副组长安排"), reason="group.not_an_authority")
    form = GroupsForm(request.POST or None, initial={"area": area.code, "template": GROUP_TEMPLATES[0].key})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            formed = commands.form_groups(
                actor=request.actor,
                event_id=event.id,
                area_code=values["area"],
                template_key=values["template"],
                document_id=form.document_id(),
                replaces=values["replaces"],
                reason=values["reason"],
            )
            messages.success(request, _("已成立 %(count)s 个组，接着安排人员。") % {"count": len(formed)})
            return redirect(f"{reverse('event_groups', args=[event.id])}?area={values['area'] // 1000:012d}")
    context = {"event": event, "form": form, "templates": GROUP_TEMPLATES}
    return render(request, "response/group_form.html", context, status=422 if form.errors else 200)


@require_GET
def group_detail(request: ActorRequest, group_id: UUID) -> HttpResponse:
    return _group_page(request, queries.get_group_for(request.actor, group_id))


def _group_page(request: ActorRequest, group: Group, form: Form | None = None) -> HttpResponse:
    actor = request.actor
    may_arrange = group.until_on is None and queries.may_arrange(actor, group.event, get_area(group.area_code))
    context = {
        "group": group,
        "area_name": full_names([group.area_code]).get(group.area_code, ""),
        "members": queries.members_of(group),
        "past": queries.members_of(group, past=True),
        "lines": queries.lines_of(group),
        "may_arrange": may_arrange,
        "sees_phones": actor.role in SEES_PHONES,
        "form": form or ReasonForm(),
    }
    return render(request, "response/group.html", context, status=422 if form and form.errors else 200)


@require_http_methods(["GET", "POST"])
def member_add(request: ActorRequest, group_id: UUID) -> HttpResponse:
    group = _arranged(request, group_id)
    around = area_chains([group.area_code])[group.area_code]
    users = officers_within((*get_area(group.area_code).span, *((code, code + 1) for code in around)))
    form = MemberForm(request.POST or None, users=users, initial={"request_id": new_id()})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            member = commands.add_member(
                actor=request.actor,
                group_id=group.id,
                member_id=values["request_id"],
                place=commands.NewPlace(
                    role=values["role"],
                    user_id=form.user_id(),
                    name=values["name"],
                    organisation=values["organisation"],
                    title=values["title"],
                    phone=values["phone"],
                ),
            )
            messages.success(request, _("%(name)s 已加入%(group)s。") % {"name": member.name, "group": group.name})
            return redirect("group_detail", group.id)
    context = {"group": group, "form": form}
    return render(request, "response/group_member.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def line_assign(request: ActorRequest, group_id: UUID) -> HttpResponse:
    group = _arranged(request, group_id)
    lines = queries.lines_of(group)
    asked = next((line for line in lines if str(line.id) == request.GET.get("line")), None)
    initial = (
        {
            "field": asked.field,
            "what": asked.what,
            "rhythm": asked.rhythm,
            "responsible": asked.responsible_id,
            "doer": asked.doer_id,
        }
        if asked
        else {}
    )
    people = queries.people_in(request.actor, group)
    form = LineForm(request.POST or None, members=people, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            commands.assign_line(
                actor=request.actor,
                group_id=group.id,
                field=values["field"],
                what=values["what"],
                rhythm=values["rhythm"],
                responsible_id=form.responsible_id(),
                doer_id=form.doer_id(),
            )
            messages.success(request, _("分工已更新，原来的记录保留。"))
            return redirect("group_detail", group.id)
    context = {"group": group, "form": form}
    return render(request, "response/group_line.html", context, status=422 if form.errors else 200)


def _arranged(request: ActorRequest, group_id: UUID) -> Group:
    group = queries.get_group_for(request.actor, group_id)
    if not queries.may_arrange(request.actor, group.event, get_area(group.area_code)):
        raise NotAllowed(_("工作组由当地民政负责人、经办，或工作组的组长、副组长安排"), reason="group.not_an_authority")
    return group


@require_POST
def group_dissolve(request: ActorRequest, group_id: UUID) -> HttpResponse:
    group = queries.get_group_for(request.actor, group_id)
    form = ReasonForm(request.POST)
    if form.is_valid():
        with refusals_shown_in(form):
            commands.dissolve_group(actor=request.actor, group_id=group.id, reason=form.cleaned_data["reason"])
            messages.success(request, _("“%(group)s”已撤销，成员的事件权限已收回。") % {"group": group.name})
            return redirect("event_groups", group.event_id)
    return _group_page(request, group, form)


@require_http_methods(["GET", "POST"])
def member_end(request: ActorRequest, member_id: UUID) -> HttpResponse:
    member = queries.get_member_for(request.actor, member_id)
    _arranged(request, member.group_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_shown_in(form):
            commands.end_member(actor=request.actor, member_id=member.id, reason=form.cleaned_data["reason"])
            messages.success(request, _("%(name)s 的任职已结束。") % {"name": member.name})
            return redirect("group_detail", member.group_id)
    context = {"member": member, "form": form}
    return render(request, "response/group_member_end.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def member_phone(request: ActorRequest, member_id: UUID) -> HttpResponse:
    """The phone in the clear, after a reason was given and kept."""
    member = queries.get_member_for(request.actor, member_id)
    form, phone = PhoneForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        with refusals_shown_in(form):
            phone = commands.reveal_member_phone(actor=request.actor, member_id=member.id, **form.cleaned_data)
    elif request.actor.role not in SEES_PHONES:
        raise NotAllowed(_("您的岗位不查看成员电话"), reason="group_member.phone")
    context = {"member": member, "form": form, "phone": phone}
    return render(request, "response/group_member_phone.html", context, status=422 if form.errors else 200)
