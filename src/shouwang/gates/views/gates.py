"""Pages of a community's gates: today's board, estates with their buildings, entrances open and sealed, phones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwang.areas.public import area_names, full_names, get_area
from shouwang.kernel import clock
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.downloads import table_download
from shouwang.kernel.refusals import refusals_shown_in
from shouwang.kernel.spreadsheets import Column
from shouwang.kernel.spreadsheets.reading import Value

from ..commands.alarms import settle_alarm
from ..commands.devices import create_enrolment_code, revoke_device
from ..commands.estates import create_building, create_estate, create_gate, set_gate_status
from ..commands.held_batches import judge_held_batch
from ..forms.gates import (
    BoardQuery,
    BuildingForm,
    EstateForm,
    EstateQuery,
    GateForm,
    GateStatusForm,
    JudgeForm,
    NoteForm,
    RevokeForm,
)
from ..models import Estate
from ..policies import may_keep
from ..queries.board import board_of, coverage_in, coverage_of
from ..queries.devices import (
    devices_for,
    estates_for,
    gates_for,
    get_device_for,
    get_estate_for,
    get_gate_for,
    held_batches_for,
    open_alarms_for,
    statuses_of,
    uploads_of,
)
from ..queries.manifest import rule_segments
from ..queries.passages import passages_of_gate_day
from ..states import AlarmKind, EstateKind, GateState, StalePolicy
from .lists import page_of, wanted


@require_GET
def gate_board(request: ActorRequest) -> HttpResponse:
    """The gates of an area today, by the hour and by entrance; what is missing comes first."""
    query = BoardQuery(request.GET)
    asked = wanted(query)
    area = get_area(asked.get("area") or request.actor.area_code)
    on = asked.get("on") or clock.today()
    board = board_of(request.actor, area, on)
    registered, counted = coverage_in(request.actor, area)
    context = {
        "query": query if request.GET else BoardQuery(initial={"area": area.code, "on": on}),
        "area": area,
        "on": on,
        "board": board,
        "registered": registered,
        "counted": counted,
        "alarms": open_alarms_for(request.actor)[:20],
        "alarm_labels": dict(AlarmKind.choices),
    }
    return render(request, "gates/board.html", context)


@require_GET
def estate_list(request: ActorRequest) -> HttpResponseBase:
    query = EstateQuery(request.GET)
    estates = estates_for(request.actor).order_by("area_code", "name", "id")
    if text := wanted(query).get("q"):
        estates = estates.filter(name__icontains=text)
    if "format" in request.GET:
        return table_download(_("小区和出入口"), _estate_columns(), _estate_rows(estates), request.GET["format"])
    page = page_of(request, estates.prefetch_related("gates"))
    context = {
        "query": query,
        "page": page,
        "kinds": dict(EstateKind.choices),
        "area_names": area_names([estate.area_code for estate in page]),
        "may_keep": may_keep(request.actor),
    }
    return render(request, "gates/estate_list.html", context)


@require_http_methods(["GET", "POST"])
def estate_new(request: ActorRequest) -> HttpResponse:
    form = EstateForm(request.POST or None, initial={"area": request.actor.area_code})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            estate = create_estate(
                actor=request.actor,
                name=values["name"],
                area_code=values["area"],
                kind=EstateKind(values["kind"]),
                address=values["address"],
            )
            messages.success(request, _("已登记%(name)s，接着登记楼栋和出入口。") % {"name": estate.name})
            return redirect("estate_detail", estate.id)
    return render(request, "gates/estate_new.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
def estate_detail(request: ActorRequest, estate_id: int) -> HttpResponse:
    return _estate_page(request, estate_id)


@require_POST
def building_new(request: ActorRequest, estate_id: int) -> HttpResponse:
    form = BuildingForm(request.POST)
    if form.is_valid():
        with refusals_shown_in(form):
            create_building(actor=request.actor, estate_id=estate_id, **form.cleaned_data)
            return redirect("estate_detail", estate_id)
    return _estate_page(request, estate_id, building_form=form)


@require_POST
def gate_new(request: ActorRequest, estate_id: int) -> HttpResponse:
    form = GateForm(request.POST)
    if form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            gate = create_gate(
                actor=request.actor,
                estate_id=estate_id,
                name=values["name"],
                stale_after_hours=values["stale_after_hours"],
                stale_policy=StalePolicy(values["stale_policy"]),
            )
            messages.success(request, _("%(name)s已设卡口，接着登记值守手机。") % {"name": gate.name})
            return redirect("gate_detail", gate.id)
    return _estate_page(request, estate_id, gate_form=form)


@require_GET
def gate_detail(request: ActorRequest, gate_id: int) -> HttpResponse:
    return _gate_page(request, gate_id)


@require_POST
def gate_status(request: ActorRequest, gate_id: int) -> HttpResponse:
    form = GateStatusForm(request.POST)
    if form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            status = set_gate_status(
                actor=request.actor,
                gate_id=gate_id,
                state=GateState(values["state"]),
                emergency_note=values["emergency_note"],
            )
            messages.success(request, _("出入口已改为%(state)s。") % {"state": GateState(status.state).label})
            return redirect("gate_detail", gate_id)
    return _gate_page(request, gate_id, status_form=form)


@require_POST
def gate_code(request: ActorRequest, gate_id: int) -> HttpResponse:
    """A code for one phone, shown this once: it is kept as a digest."""
    code = create_enrolment_code(actor=request.actor, gate_id=gate_id)
    return _gate_page(request, gate_id, code=code)


@require_POST
def device_revoke(request: ActorRequest, device_id: int) -> HttpResponse:
    device = get_device_for(request.actor, device_id)
    form = RevokeForm(request.POST)
    if form.is_valid():
        revoke_device(
            actor=request.actor, device_id=device_id, reason=form.cleaned_data["reason"], wipe=form.cleaned_data["wipe"]
        )
        messages.success(request, _("%(name)s已停用。") % {"name": device.name})
        return redirect("gate_detail", device.gate_id)
    messages.error(request, _("请写明停用原因"))
    return redirect("gate_detail", device.gate_id)


@require_POST
def alarm_settle(request: ActorRequest, alarm_id: UUID) -> HttpResponse:
    form = NoteForm(request.POST)
    note = form.cleaned_data["note"] if form.is_valid() else ""
    alarm = settle_alarm(actor=request.actor, alarm_id=alarm_id, note=note)
    messages.success(request, _("已处理。"))
    return redirect("gate_detail", get_device_for(request.actor, alarm.device_id).gate_id)


@require_POST
def held_judge(request: ActorRequest, batch_id: UUID) -> HttpResponse:
    form = JudgeForm(request.POST)
    values: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    held = judge_held_batch(
        actor=request.actor, batch_id=batch_id, is_taken=values.get("decision") == "take", note=values.get("note", "")
    )
    messages.success(request, _("已收下。") if held.is_taken else _("已记下不收。"))
    return redirect("gate_detail", held.device.gate_id)


def _estate_columns() -> list[Column]:
    return [
        Column("name", _("小区")),
        Column("kind", _("类型")),
        Column("area", _("所在社区（村）")),
        Column("gates", _("出入口")),
    ]


def _estate_rows(estates: QuerySet[Estate]) -> Iterator[dict[str, Value]]:
    everything = list(estates.prefetch_related("gates"))
    names = full_names([estate.area_code for estate in everything])
    for estate in everything:
        yield {
            "name": estate.name,
            "kind": str(estate.get_kind_display()),
            "area": names.get(estate.area_code, ""),
            "gates": "、".join(gate.name for gate in estate.gates.all()),
        }


def _estate_page(
    request: ActorRequest,
    estate_id: int,
    *,
    building_form: BuildingForm | None = None,
    gate_form: GateForm | None = None,
) -> HttpResponse:
    estate = get_estate_for(request.actor, estate_id)
    coverage = coverage_of(estate.id)
    context = {
        "estate": estate,
        "area_name": full_names([estate.area_code]).get(estate.area_code, ""),
        "gates": gates_for(request.actor).filter(estate=estate).order_by("name"),
        "coverage": coverage,
        "counted": sum(one.counted for one in coverage),
        "registered": sum(one.registered for one in coverage),
        "building_form": building_form or BuildingForm(),
        "gate_form": gate_form or GateForm(),
        "may_keep": may_keep(request.actor),
    }
    return render(request, "gates/estate_detail.html", context, status=422 if building_form or gate_form else 200)


def _gate_page(
    request: ActorRequest, gate_id: int, *, status_form: GateStatusForm | None = None, code: str = ""
) -> HttpResponse:
    gate = get_gate_for(request.actor, gate_id)
    devices = list(devices_for(request.actor).filter(gate=gate).order_by("revoked_at", "-enrolled_at"))
    uploads = uploads_of(devices)
    ids = [device.id for device in devices]
    context = {
        "gate": gate,
        "is_open": gate.state == GateState.OPEN,  # type: ignore[attr-defined]  # annotated by gates_for
        "area_name": full_names([gate.area_code]).get(gate.area_code, ""),
        "rules": rule_segments(gate, clock.now())[:1],
        "hours": passages_of_gate_day(request.actor, gate_id=gate.id, on=clock.today()),
        "statuses": statuses_of(gate)[:20],
        "devices": [(device, uploads.get(device.id)) for device in devices],
        "alarms": open_alarms_for(request.actor).filter(device_id__in=ids)[:50],
        "held": held_batches_for(request.actor).filter(device_id__in=ids),
        "alarm_labels": dict(AlarmKind.choices),
        "status_form": status_form or GateStatusForm(initial={"state": gate.state}),  # type: ignore[attr-defined]
        "revoke_form": RevokeForm(),
        "code": code,
        "may_keep": may_keep(request.actor),
    }
    return render(request, "gates/gate_detail.html", context, status=422 if status_form else 200)
