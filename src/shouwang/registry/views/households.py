"""Households: the list, one household as of a day, registering by hand, facts, moving."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.forms import formset_factory
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from shouwang.areas.public import full_names
from shouwang.kernel import clock
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.downloads import table_download
from shouwang.kernel.spreadsheets import Column, Kind

from .. import panels
from ..commands.facts import record_household_fact
from ..commands.households import move_household, register_household
from ..forms import FactForm, FilterQuery, HouseholdForm, ListQuery, MemberForm, MoveForm
from ..models import Household
from ..policies import can_write
from ..queries.accounts import shared_accounts
from ..queries.as_of import account_as_of, household_facts_as_of, members_as_of, person_facts_as_of
from ..queries.history import household_history
from ..queries.households import get_household_for
from ..queries.lists import list_households_for
from ..queries.people import persons_for
from ..states import HouseholdFactKind, PersonFactKind, Relation
from ..wording import kind_words, value_words
from .common import BY_HAND, bound, cutoff_asked, day_asked, filtered, form_page, page_of, refusals_shown_in
from .picking import picked, refusals_offered

EXPORT_CHUNK = 2_000
MEMBERS_BY_HAND = 6
MemberForms = formset_factory(
    MemberForm, extra=MEMBERS_BY_HAND - 1, min_num=1, max_num=MEMBERS_BY_HAND, validate_min=True
)


@require_GET
def household_list(request: ActorRequest) -> HttpResponseBase:
    filters = FilterQuery(request.GET)
    chosen = filters.cleaned_data if filters.is_valid() else {}
    households = filtered(request, partial(list_households_for, chosen=chosen))
    if "format" in request.GET:
        return table_download(_("家庭名册"), _columns(), _exported(households), request.GET["format"])
    page = page_of(request, households)
    context = {
        "query": ListQuery(request.GET or None),
        "filters": filters,
        "page": page,
        "rows": _rows(list(page)),
        "can_write": can_write(request.actor),
    }
    return render(request, "registry/household_list.html", context)


@require_GET
def household_detail(request: ActorRequest, household_id: UUID) -> HttpResponse:
    household = get_household_for(request.actor, household_id)
    on, known_at = day_asked(request), cutoff_asked(request)
    members = members_as_of([household_id], on=on, known_at=known_at)[household_id]
    person_ids = [member.person_id for member in members]
    persons = persons_for(request.actor).in_bulk(person_ids)
    facts = person_facts_as_of(person_ids, list(PersonFactKind), on=on, known_at=known_at)
    accounts = account_as_of(person_ids, on=on, known_at=known_at)
    shared = shared_accounts(request.actor, person_ids)
    own_facts = household_facts_as_of([household_id], list(HouseholdFactKind), on=on, known_at=known_at)[household_id]
    residence = own_facts.pop(HouseholdFactKind.RESIDENCE, household.area_code)
    areas = full_names([int(residence), household.area_code])
    is_today = on == clock.today() and known_at is None
    context = {
        "household": household,
        "on": on,
        "known": request.GET.get("known", ""),
        "known_at": known_at,
        "is_today": is_today,
        "may_edit_members": is_today and can_write(request.actor),
        "residence": areas.get(int(residence), ""),
        "facts": [(kind_words(kind), value_words(kind, value), kind) for kind, value in own_facts.items()],
        "members": [
            {
                "person": persons[member.person_id],
                "relation": Relation(member.relation).label,
                "is_head": member.relation == Relation.HEAD,
                "facts": [
                    f"{kind_words(kind)}：{value_words(kind, facts[member.person_id][kind])}"
                    for kind in PersonFactKind
                    if kind in facts[member.person_id]
                ],
                "account": accounts.get(member.person_id),
                "is_shared": member.person_id in shared,
            }
            for member in members
            if member.person_id in persons
        ],
        "has_head": any(member.relation == Relation.HEAD for member in members),
        "history": household_history(request.actor, household_id),
        "panels": panels.household_parts(request.actor, household_id) if is_today else [],
        "can_write": can_write(request.actor),
    }
    return render(request, "registry/household_detail.html", context)


@require_http_methods(["GET", "POST"])
def household_new(request: ActorRequest) -> HttpResponse:
    form = bound(request, HouseholdForm, initial={"registered_on": clock.today()})
    first = [{"relation": Relation.HEAD}]
    members: Any = MemberForms(request.POST if request.method == "POST" else None, initial=first, prefix="members")
    for empty in members.forms[1:]:
        empty.empty_permitted = True
    if request.method == "POST" and form.is_valid() and members.is_valid():
        values = form.cleaned_data
        filled = [member for member in members if member.has_changed()]
        with refusals_offered(request.actor, form, filled):
            household = register_household(
                actor=request.actor,
                area_code=values["area"],
                registered_on=values["registered_on"],
                members=[picked(request.actor, member) for member in filled],
                source=BY_HAND,
                facts={HouseholdFactKind.URBAN: int(values["is_urban"])},
                household_id=values["request_id"],
            )
            messages.success(request, _("已登记 %(number)s。") % {"number": household.number})
            return redirect("household_detail", household.id)
    status = 422 if form.errors or (members.is_bound and not members.is_valid()) else 200
    return render(request, "registry/household_new.html", {"form": form, "members": members}, status=status)


@require_http_methods(["GET", "POST"])
def household_fact(request: ActorRequest, household_id: UUID, kind: str) -> HttpResponse:
    """Record a dated fact about the household."""
    household = get_household_for(request.actor, household_id)
    initial = {"version": household.version, "valid_from": clock.today()}
    form = bound(request, FactForm, initial=initial, kind=HouseholdFactKind(kind).value)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            record_household_fact(
                actor=request.actor,
                household_id=household_id,
                kind=kind,
                value=form.fact_value(),
                valid_from=values["valid_from"],
                source=values["source"],
                expected_version=values["version"],
                fact_id=values["request_id"],
            )
            messages.success(request, _("已登记。"))
            return redirect("household_detail", household_id)
    return form_page(request, "registry/record_form.html", form, title=kind_words(kind), household=household)


@require_http_methods(["GET", "POST"])
def household_move(request: ActorRequest, household_id: UUID) -> HttpResponse:
    """The household lives elsewhere inside the actor's areas; across counties it is a transfer."""
    household = get_household_for(request.actor, household_id)
    initial = {"version": household.version, "moved_on": clock.today()}
    form = bound(request, MoveForm, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            move_household(
                actor=request.actor,
                household_id=household_id,
                to_area_code=values["area"],
                moved_on=values["moved_on"],
                source=values["reason"],
                expected_version=values["version"],
            )
            messages.success(request, _("已登记迁移。"))
            return redirect("household_detail", household_id)
    return form_page(request, "registry/record_form.html", form, title=_("登记迁移"), household=household)


def _rows(households: list[Household]) -> list[dict[str, Any]]:
    members = members_as_of([household.id for household in households], on=clock.today())
    areas = full_names([household.area_code for household in households])
    return [
        {
            "household": household,
            "head": next((m.name for m in members[household.id] if m.relation == Relation.HEAD), ""),
            "count": len(members[household.id]),
            "area": areas.get(household.area_code, ""),
        }
        for household in households
    ]


def _columns() -> list[Column]:
    return [
        Column("number", _("户编号")),
        Column("head", _("户主")),
        Column("count", _("人口"), kind=Kind.COUNT),
        Column("area", _("居住地")),
        Column("registered_on", _("登记日期"), kind=Kind.DATE),
    ]


def _exported(households: QuerySet[Household]) -> Iterator[dict[str, Any]]:
    """In chunks, so that a city's list asks a few questions and not one a household."""
    chunk: list[Household] = []
    for household in households.iterator(chunk_size=EXPORT_CHUNK):
        chunk.append(household)
        if len(chunk) == EXPORT_CHUNK:
            yield from _exported_rows(chunk)
            chunk = []
    yield from _exported_rows(chunk)


def _exported_rows(households: list[Household]) -> Iterator[dict[str, Any]]:
    for row in _rows(households):
        household = row["household"]
        yield {
            "number": household.number,
            "head": row["head"],
            "count": row["count"],
            "area": row["area"],
            "registered_on": household.registered_on,
        }
