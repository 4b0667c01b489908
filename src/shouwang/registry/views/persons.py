"""Persons: the list, one person as of a day, facts and corrections, death, account, revealing a masked value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from shouwang.areas.public import full_names
from shouwang.kernel import clock, crypto
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.downloads import table_download
from shouwang.kernel.spreadsheets import Column, Kind

from .. import panels
from ..commands.accounts import record_bank_account
from ..commands.facts import correct_person_fact, record_death, record_person_fact
from ..commands.persons import correct_person
from ..commands.revealing import reveal
from ..forms import AccountForm, CorrectPersonForm, DeathForm, FactForm, KindForm, ListQuery, RevealForm
from ..models import Person
from ..policies import can_hand_over, can_write
from ..queries.accounts import accounts_of, shared_accounts
from ..queries.as_of import account_as_of, membership_of, person_facts_as_of, survivors_of
from ..queries.duplicates import look_alikes, merges_of
from ..queries.history import person_history
from ..queries.households import households_for
from ..queries.lists import list_persons_for
from ..queries.people import get_fact_for, get_person_for
from ..rules.values import FactValue, split_set
from ..states import SET_KINDS, Need, NoIdReason, PersonFactKind, Relation, Sealed
from ..wording import CertificateWords, certificate_words, kind_words, value_words
from .common import BY_HAND, bound, cutoff_asked, day_asked, filtered, form_page, page_of, refusals_shown_in


@require_GET
def person_list(request: ActorRequest) -> HttpResponseBase:
    persons = filtered(request, list_persons_for)
    if "format" in request.GET:
        return table_download(_("人员名册"), _columns(), _exported(persons), request.GET["format"])
    page = page_of(request, persons)
    context = {
        "query": ListQuery(request.GET or None),
        "page": page,
        "area_names": full_names([person.area_code for person in page]),
        "can_write": can_write(request.actor),
    }
    return render(request, "registry/person_list.html", context)


@require_GET
def person_detail(request: ActorRequest, person_id: UUID) -> HttpResponse:
    person = get_person_for(request.actor, person_id)
    on, known_at = day_asked(request), cutoff_asked(request)
    facts = person_facts_as_of([person_id], list(PersonFactKind), on=on, known_at=known_at)[person_id]
    household_id, relation = membership_of([person_id], on=on, known_at=known_at).get(person_id, (None, ""))
    account = account_as_of([person_id], on=on, known_at=known_at).get(person_id)
    survivor_id = survivors_of([person_id], known_at=known_at)[person_id]
    alike = look_alikes(
        request.actor, name=person.name, birth_on=person.birth_on, area_code=person.area_code, but=person.id
    )
    is_today = on == clock.today() and known_at is None
    needs = split_set(str(facts.pop(PersonFactKind.NEED, "")))
    context = {
        "person": person,
        "needs": [(need, Need(need).label) for need in needs],
        "other_needs": [choice for choice in Need.choices if choice[0] not in needs],
        "certificate": _certificate_words(person, facts),
        "accounts": accounts_of(request.actor, person_id),
        "area": full_names([person.area_code]).get(person.area_code, ""),
        "no_id_reason": NoIdReason(person.no_id_reason).label if person.no_id_reason else "",
        "on": on,
        "known": request.GET.get("known", ""),
        "known_at": known_at,
        "is_today": is_today,
        "is_dead": facts.get(PersonFactKind.DEATH) == 1,
        "facts": [(kind_words(kind), value_words(kind, facts[kind])) for kind in PersonFactKind if kind in facts],
        "household": households_for(request.actor).filter(id=household_id).first() if household_id else None,
        "is_home_elsewhere": household_id is not None,
        "relation": Relation(relation).label if relation else "",
        "account": account,
        "shared_with": len(shared_accounts(request.actor, [person_id]).get(person_id, ())),
        "survivor_id": survivor_id if survivor_id != person_id else None,
        "merges": merges_of(request.actor, person_id),
        "alike": [other for other in alike if not (other.id_index and person.id_index)],
        "history": person_history(request.actor, person_id),
        "panels": panels.person_parts(request.actor, person_id) if is_today else [],
        "kind_form": KindForm(),
        "can_write": can_write(request.actor),
        "can_merge": can_hand_over(request.actor),
    }
    return render(request, "registry/person_detail.html", context)


@require_http_methods(["GET", "POST"])
def person_correct(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Correct name, phone or ID. Values stay masked: an empty field of these keeps what is registered."""
    person = get_person_for(request.actor, person_id)
    initial = {
        "version": person.version,
        "name": person.name,
        "sex": "" if person.id_index else person.sex,
        "birth_on": None if person.id_index else person.birth_on,
        "no_id_reason": person.no_id_reason,
    }
    form = bound(request, CorrectPersonForm, initial=initial)
    for column in ("id_number", "phone", "disability_certificate"):
        if getattr(person, column):
            form.fields[column].help_text = _("已登记；不改请留空。")
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            correct_person(
                actor=request.actor,
                person_id=person_id,
                expected_version=values["version"],
                details=form.details(),
                since=clock.today(),
                source=values["reason"],
            )
            messages.success(request, _("已更正。"))
            return redirect("person_detail", person_id)
    return form_page(request, "registry/record_form.html", form, title=_("更正个人信息"), person=person)


@require_http_methods(["GET", "POST"])
def person_fact(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Record a dated fact; ?kind= says which."""
    person = get_person_for(request.actor, person_id)
    kinds = KindForm(request.GET)
    if not kinds.is_valid():
        raise Http404
    kind = kinds.cleaned_data["kind"]
    initial: dict[str, Any] = {"version": person.version, "valid_from": clock.today()}
    if kind in SET_KINDS:  # a set is said whole: what holds today is ticked already
        said = person_facts_as_of([person_id], [kind], on=clock.today())[person_id]
        initial["value"] = split_set(str(said.get(kind, "")))
    form = bound(request, FactForm, initial=initial, kind=kind)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            fact = record_person_fact(
                actor=request.actor,
                person_id=person_id,
                kind=kind,
                value=form.fact_value(),
                valid_from=values["valid_from"],
                source=values["source"],
                expected_version=values["version"],
                fact_id=values["request_id"],
            )
            messages.success(request, _("已登记。") if fact else _("底册中已是这样，没有新增记录。"))
            return redirect("person_detail", person_id)
    return form_page(request, "registry/record_form.html", form, title=kind_words(kind), person=person)


@require_http_methods(["GET", "POST"])
def person_fact_correct(request: ActorRequest, fact_id: UUID) -> HttpResponse:
    """Say what a recorded fact should have been, and from when."""
    fact = get_fact_for(request.actor, fact_id)
    initial = {"version": fact.person.version, "valid_from": fact.valid_from}
    form = bound(request, FactForm, initial=initial, kind=fact.kind)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            correct_person_fact(
                actor=request.actor,
                fact_id=fact_id,
                value=form.fact_value(),
                valid_from=values["valid_from"],
                source=values["source"],
                expected_version=values["version"],
            )
            messages.success(request, _("已更正；原来的记录保留在历史中。"))
            return redirect("person_detail", fact.person_id)
    title = _("更正：%(kind)s") % {"kind": kind_words(fact.kind)}
    return form_page(request, "registry/record_form.html", form, title=title, person=fact.person)


@require_http_methods(["GET", "POST"])
def person_death(request: ActorRequest, person_id: UUID) -> HttpResponse:
    person = get_person_for(request.actor, person_id)
    form = bound(request, DeathForm, initial={"version": person.version, "died_on": clock.today()})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            record_death(
                actor=request.actor,
                person_id=person_id,
                died_on=values["died_on"],
                source=values["source"],
                expected_version=values["version"],
            )
            messages.success(request, _("已登记死亡。"))
            return redirect("person_detail", person_id)
    return form_page(request, "registry/record_form.html", form, title=_("登记死亡"), person=person)


@require_http_methods(["GET", "POST"])
def person_account(request: ActorRequest, person_id: UUID) -> HttpResponse:
    person = get_person_for(request.actor, person_id)
    initial = {"version": person.version, "holder_name": person.name, "valid_from": clock.today()}
    form = bound(request, AccountForm, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            record_bank_account(
                actor=request.actor,
                person_id=person_id,
                details=form.details(),
                valid_from=values["valid_from"],
                source=BY_HAND,
                expected_version=values["version"],
                account_id=values["request_id"],
            )
            messages.success(request, _("已登记银行账号。"))
            return redirect("person_detail", person_id)
    return form_page(request, "registry/record_form.html", form, title=_("登记银行账号"), person=person)


@require_http_methods(["GET", "POST"])
def person_reveal(request: ActorRequest, person_id: UUID, field: str) -> HttpResponse:
    """Ask for a reason, log it, then show the value once; it is in no address and on no later page."""
    person = get_person_for(request.actor, person_id)
    if field not in frozenset(Sealed):
        raise Http404
    form = RevealForm(request.POST if request.method == "POST" else None)
    value = ""
    if request.method == "POST" and form.is_valid():
        with refusals_shown_in(form):
            value = reveal(actor=request.actor, person_id=person_id, field=field, **form.cleaned_data)
    label = Sealed(field).label
    return form_page(request, "registry/reveal.html", form, person=person, label=label, value=value)


def _certificate_words(person: Person, facts: Mapping[str, FactValue]) -> CertificateWords | None:
    if not person.disability_certificate:
        return None
    recorded = facts.get(PersonFactKind.DISABILITY)
    said = str(recorded) if recorded else None
    return certificate_words(person.disability_certificate, person.id_number, said, today=clock.today())


def _columns() -> list[Column]:
    return [
        Column("name", _("姓名")),
        Column("sex", _("性别")),
        Column("birth_on", _("出生日期"), kind=Kind.DATE),
        Column("id_number", _("身份证号")),
        Column("phone", _("联系电话")),
        Column("area", _("居住地")),
    ]


def _exported(persons: QuerySet[Person]) -> Iterator[dict[str, Any]]:
    """Masked, like the page."""
    names: dict[int, str] = {}
    for person in persons.defer("disability_certificate").iterator(chunk_size=2_000):
        if person.area_code not in names:
            names |= full_names([person.area_code])
        yield {
            "name": person.name,
            "sex": person.get_sex_display(),
            "birth_on": person.birth_on,
            "id_number": crypto.mask_id_number(person.id_number) if person.id_number else "",
            "phone": crypto.mask_phone(person.phone) if person.phone else "",
            "area": names.get(person.area_code, ""),
        }
