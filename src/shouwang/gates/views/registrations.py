"""The community's pages of registration: what waits, one household, steps, proxy registration, workbooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet, prefetch_related_objects
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwang.accounts.public import roles_required
from shouwang.areas.public import area_names
from shouwang.kernel import clock
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.crypto import mask_id_number, mask_phone
from shouwang.kernel.downloads import table_download
from shouwang.kernel.errors import DomainError, Invalid, NotFound
from shouwang.kernel.refusals import refusals_shown_in
from shouwang.kernel.spreadsheets import Column, Kind
from shouwang.kernel.spreadsheets.reading import Value

from ..commands.declarations import declare_health
from ..commands.passes import renew_passes
from ..commands.registrations import (
    add_resident,
    confirm_registration,
    end_registration,
    move_rooms,
    record_resident_left,
    refuse_registration,
)
from ..forms.registrations import MemberForm, RegistrationQuery, StepForm, chosen_ids
from ..models import Registration
from ..policies_residents import READERS, can_register
from ..queries.declarations import declaration_states
from ..queries.estates_public import building_names, estates_of
from ..queries.passes import guests_of, list_passes_for
from ..queries.registrations import (
    duplicates_for,
    get_registration_for,
    list_registrations_for,
    residents_of,
)
from ..states import RegistrationSource, RegistrationState
from .lists import page_of, wanted
from .public_pages import health_forms
from .words import REGISTRATION_TONES, declaration_words, pass_words


@require_GET
@roles_required(*READERS)
def registration_list(request: ActorRequest) -> HttpResponseBase:
    """The waiting ones unless another state is asked for."""
    estates = list(estates_of(request.actor))
    asked = request.GET if "state" in request.GET or "format" in request.GET else {"state": RegistrationState.PENDING}
    query = RegistrationQuery(asked, estates=estates)
    values = wanted(query)
    found = list_registrations_for(
        request.actor,
        state=values.get("state", ""),
        estate_id=values.get("estate"),
        building=values.get("building", "").strip(),
        text=values.get("q", "").strip(),
    )
    if "format" in request.GET:
        return table_download(_("居民登记"), _columns(), _exported(found), request.GET["format"])
    page = page_of(request, found)
    prefetch_related_objects(list(page), "residents")
    duplicates = duplicates_for(request.actor, [one for one in page if one.state == RegistrationState.PENDING])
    context = {
        "query": query,
        "page": page,
        "rows": [(one, _names(one), REGISTRATION_TONES[one.state], duplicates.get(one.id, [])) for one in page],
        "names": area_names([one.area_code for one in page]),
        "can_register": can_register(request.actor),
        "is_waiting": values.get("state") == RegistrationState.PENDING,
        "has_estates": bool(estates),
    }
    return render(request, "gates/registrations/list.html", context)


@require_POST
def registration_confirm_many(request: ActorRequest) -> HttpResponse:
    """Those that were ticked; what cannot be confirmed by now is told and left."""
    confirmed, refused = 0, list[DomainError]()
    for registration_id in chosen_ids(request.POST.getlist("registration")):
        try:
            confirm_registration(actor=request.actor, registration_id=registration_id)
            confirmed += 1
        except DomainError as refusal:
            refused.append(refusal)
    if not confirmed:
        raise refused[0] if refused else Invalid(_("请勾选要确认的登记"), reason="registration.none_chosen")
    messages.success(request, _("已确认 %(count)s 户，通行证已签发。") % {"count": confirmed})
    if refused:
        messages.error(request, refused[0].message, extra_tags="overdue")
    return redirect("registration_list")


@require_GET
@roles_required(*READERS)
def registration_detail(request: ActorRequest, registration_id: UUID) -> HttpResponse:
    registration = get_registration_for(request.actor, registration_id)
    residents = residents_of(registration, with_left=True)
    now = clock.now()
    passes = list_passes_for(request.actor).filter(holder__in=residents)
    by_holder: dict[UUID, list[Any]] = {}
    for one in passes:
        if one.holder_id is not None:
            by_holder.setdefault(one.holder_id, []).append((one, *pass_words(one, now)))
    states = declaration_states([one.id for one in residents], clock.today())
    duplicates = duplicates_for(request.actor, [registration]).get(registration.id, [])
    is_confirmed = registration.state == RegistrationState.CONFIRMED
    may_act = can_register(request.actor)
    context = {
        "registration": registration,
        "tone": REGISTRATION_TONES[registration.state],
        "place": area_names([registration.area_code]).get(registration.area_code, ""),
        "phone": mask_phone(registration.phone) if registration.phone else "",
        "rows": [
            {
                "resident": one,
                "number": mask_id_number(one.id_number) if one.id_number else "",
                "passes": by_holder.get(one.id, []),
                "declared": declaration_words(states[one.id]),
            }
            for one in residents
        ],
        "guests": [(one, *pass_words(one, now)) for one in guests_of(residents)],
        "duplicates": duplicates,
        "may_decide": may_act and registration.state == RegistrationState.PENDING,
        "may_change": may_act and is_confirmed,
        "buildings": building_names(registration.estate),
        "pass_ids": [
            one.id for rows in by_holder.values() for one, _label, tone in rows if tone in ("done", "waiting")
        ],
    }
    return render(request, "gates/registrations/detail.html", context)


@require_POST
def registration_step(request: ActorRequest, registration_id: UUID, verb: str) -> HttpResponse:
    """One step: confirm, refuse, end, move, renew."""
    form = StepForm(request.POST)
    values = form.cleaned_data if form.is_valid() else {}
    if not values:
        raise Invalid(_("这一页已经过期，请刷新后再办"), reason="registration.step")
    about: dict[str, Any] = {"actor": request.actor, "registration_id": registration_id}
    version: dict[str, Any] = {"expected_version": values["version"]}
    steps: dict[str, tuple[Callable[[], object], str]] = {
        "confirm": (
            partial(confirm_registration, **about, **version, note=values["note"]),
            _("已确认，通行证已签发。"),
        ),
        "refuse": (
            partial(refuse_registration, **about, **version, reason=values["note"]),
            _("已退回，登记人会看到原因。"),
        ),
        "end": (partial(end_registration, **about, **version, note=values["note"]), _("已办理迁出，通行证已作废。")),
        "move": (
            partial(move_rooms, **about, **version, building=values["building"], room=values["room"]),
            _("房号已更改，通行证不变。"),
        ),
        "renew": (partial(renew_passes, **about), _("快到期的通行证已换发。")),
    }
    if verb not in steps:
        raise NotFound(_("没有这一步"), verb=verb)
    step, done = steps[verb]
    step()
    messages.success(request, done)
    return redirect("registration_detail", registration_id)


@require_POST
def resident_left(request: ActorRequest, resident_id: UUID) -> HttpResponse:
    resident = record_resident_left(actor=request.actor, resident_id=resident_id)
    messages.success(request, _("%(name)s 已登记迁出，本人的通行证已作废。") % {"name": resident.name})
    return redirect("registration_detail", resident.registration_id)


@require_http_methods(["GET", "POST"])
@roles_required(*READERS)
def resident_add(request: ActorRequest, registration_id: UUID) -> HttpResponse:
    """Somebody joins a registered household."""
    registration = get_registration_for(request.actor, registration_id)
    form = MemberForm(request.POST or None, initial={"version": registration.version})
    if request.method == "POST" and form.is_valid():
        with refusals_shown_in(form):
            resident = add_resident(
                actor=request.actor, registration_id=registration_id, member=form.member(may_know=False)
            )
            messages.success(request, _("%(name)s 已加入，通行证已签发。") % {"name": resident.name})
            return redirect("registration_detail", registration_id)
    context = {"form": form, "registration": registration}
    return render(request, "gates/registrations/add.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@roles_required(*READERS)
def registration_declare(request: ActorRequest, registration_id: UUID) -> HttpResponse:
    """健康登记 taken down by the community, for all members at once."""
    registration = get_registration_for(request.actor, registration_id)
    residents = residents_of(registration)
    forms = health_forms(request, [(one.id, one.name) for one in residents], is_asked=False)  # who is not at home
    if request.method == "POST" and all([form.is_valid() for _name, form in forms]):  # noqa: C419  # every form tells
        said = {one.id: form.declared() for one, (_name, form) in zip(residents, forms, strict=True)}
        with refusals_shown_in(forms[0][1]):
            declare_health(
                actor=request.actor,
                registration_id=registration_id,
                declared={key: value for key, value in said.items() if value is not None},
                source=RegistrationSource.PROXY,
            )
            messages.success(request, _("健康登记已记下。"))
            return redirect("registration_detail", registration_id)
    is_wrong = any(form.errors for _name, form in forms)
    context = {"registration": registration, "forms": forms}
    return render(request, "gates/registrations/declare.html", context, status=422 if is_wrong else 200)


def _names(registration: Registration) -> str:
    """Who lives there now, in the order in which they were written."""
    present = sorted((one for one in registration.residents.all() if one.left_on is None), key=lambda one: one.position)
    return "、".join(one.name for one in present)


def _columns() -> list[Column]:
    return [
        Column("place", _("村（社区）")),
        Column("estate", _("小区")),
        Column("building", _("楼号"), kind=Kind.CODE),
        Column("room", _("房号"), kind=Kind.CODE),
        Column("names", _("住户")),
        Column("count", _("人数"), kind=Kind.COUNT),
        Column("state", _("状态")),
        Column("source", _("登记方式")),
        Column("recorded_on", _("登记日期"), kind=Kind.DATE),
    ]


def _exported(found: QuerySet[Registration]) -> Iterator[dict[str, Value]]:
    rows = list(found.prefetch_related("residents"))
    names = area_names([one.area_code for one in rows])
    for one in rows:
        yield {
            "place": names.get(one.area_code, ""),
            "estate": one.estate.name,
            "building": one.building,
            "room": one.room,
            "names": _names(one),
            "count": one.member_count,
            "state": one.get_state_display(),
            "source": one.get_source_display(),
            "recorded_on": one.recorded_at.astimezone(clock.TZ).date(),
        }
