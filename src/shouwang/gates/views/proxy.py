"""The community registers for a household: from a card, by telephone, or many from a workbook."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwang.accounts.public import roles_required
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor, ActorRequest
from shouwang.kernel.crypto import mask_id_number
from shouwang.kernel.downloads import table_download
from shouwang.kernel.errors import DomainError
from shouwang.kernel.ids import new_id
from shouwang.kernel.refusals import refusals_shown_in
from shouwang.registry.public import (
    ElsewhereAnswer,
    Person,
    find_person_by_id_number,
    household_of,
    members_as_of,
    persons_for,
)

from ..commands.registrations import register_for_household
from ..commands.sheets import hand_out_refused, register_from_sheet
from ..forms.registrations import FindForm, ProxyForm, SheetForm, chosen_ids, members_form, row_asked, typed_rows
from ..models import Estate
from ..policies_residents import REGISTRARS
from ..queries.declarations import every_days
from ..queries.estates_public import estates_of, get_estate_of
from ..queries.registrations import list_sheets_for
from ..registration_sheet import COLUMNS, LIMITS
from ..rules.codes import shown_code
from .lists import page_of

_ID_LENGTH_MAX = 9


@require_http_methods(["GET", "POST"])
@roles_required(*REGISTRARS)
def registration_new(request: ActorRequest) -> HttpResponse:
    """First the estate and, from a card, the number; then the household with what is known filled in."""
    estates = list(estates_of(request.actor))
    if "request_id" in request.POST:
        return _household(request, get_estate_of(request.actor, _estate_asked(request)), None)
    find = FindForm(request.POST or None, estates=estates)
    if request.method == "POST" and find.is_valid():
        estate = get_estate_of(request.actor, find.cleaned_data["estate"])
        number = find.cleaned_data["id_number"].strip()
        try:
            found = find_person_by_id_number(actor=request.actor, number=number) if number else None
        except DomainError as refusal:
            find.add_error("id_number", refusal.message)
        else:
            return _household(request, estate, found, number)
    context = {"find": find, "has_estates": bool(estates)}
    return render(request, "gates/registrations/find.html", context, status=422 if find.errors else 200)


def _estate_asked(request: ActorRequest) -> int:
    text = request.POST.get("estate", "")
    return int(text) if text.isdecimal() and len(text) <= _ID_LENGTH_MAX else 0


def _household(
    request: ActorRequest, estate: Estate, found: Person | ElsewhereAnswer | None, number: str = ""
) -> HttpResponse:
    posted = request.POST if "request_id" in request.POST else None
    asked = row_asked(posted) if posted is not None else None
    if posted is not None and asked is None:
        form, members = ProxyForm(posted, estate=estate), members_form(posted, is_asked=False)
        if form.is_valid() and members.is_valid():
            with refusals_shown_in(form):
                registered = register_for_household(
                    actor=request.actor,
                    registration_id=form.cleaned_data["request_id"],
                    sent=form.sent(estate, members, may_know=True),
                    source=form.cleaned_data["source"],
                    note=form.cleaned_data["note"],
                )
                code = shown_code(registered.code)
                messages.success(request, _("已登记并签发通行证。登记码 %(code)s，请告诉住户。") % {"code": code})
                return redirect("registration_detail", registered.registration.id)
    else:
        initial: dict[str, Any] = {"request_id": new_id()}
        if posted is not None:
            initial |= {name: posted.get(name, "") for name in ProxyForm.base_fields}
        form = ProxyForm(initial=initial, estate=estate)
        rows = typed_rows(posted, asked) if posted is not None else _known_rows(found, number)
        members = members_form(None, is_asked=False, initial=rows)
    _name_known(request.actor, members)
    context = {
        "estate": estate,
        "form": form,
        "members": members,
        "elsewhere": found if isinstance(found, ElsewhereAnswer) else None,
        "asks_health": every_days(estate.area_code, clock.today()) is not None,
    }
    is_wrong = bool(form.errors) or (members.is_bound and not members.is_valid())
    return render(request, "gates/registrations/new.html", context, status=422 if is_wrong else 200)


def _known_rows(found: Person | ElsewhereAnswer | None, number: str) -> list[dict[str, Any]]:
    """The household of the card's holder as the register knows it, the holder first; else the number alone."""
    if not isinstance(found, Person):
        return [{"id_number": number}]
    household_id = household_of([found.id], on=clock.today()).get(found.id)
    members = members_as_of([household_id], on=clock.today())[household_id] if household_id else []
    others = [member.person_id for member in members if member.person_id != found.id]
    return [{"person_id": person_id} for person_id in (found.id, *others)]


def _name_known(actor: Actor, members: Any) -> None:
    """Rows that stand for a record show its name and masked number in place of fields."""
    ids = [form["person_id"].value() for form in members.forms]
    persons = {str(one.id): one for one in persons_for(actor).filter(id__in=[value for value in ids if _is_id(value)])}
    for form, value in zip(members.forms, ids, strict=True):
        known = persons.get(str(value))
        if known is not None:
            number = mask_id_number(known.id_number) if known.id_number else _("没有身份证号")
            form.known_name = f"{known.name}　{number}"


def _is_id(value: object) -> bool:
    return bool(chosen_ids([str(value)]))


@require_http_methods(["GET", "POST"])
@roles_required(*REGISTRARS)
def registration_import(request: ActorRequest) -> HttpResponse:
    """A workbook in; the households it made and the rows that went back."""
    estates = list(estates_of(request.actor))
    form = SheetForm(request.POST or None, request.FILES or None, estates=estates, initial={"request_id": new_id()})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            sheet = register_from_sheet(
                actor=request.actor,
                sheet_id=values["request_id"],
                estate_id=values["estate"],
                file_name=values["file"].name,
                content=values["file"].read(LIMITS.file_bytes + 1),
            )
            said = {"made": sheet.household_count, "known": sheet.known_count, "refused": sheet.refused_count}
            told = _("登记 %(made)s 户，原来已登记 %(known)s 户，退回 %(refused)s 行。") % said
            messages.success(request, told, extra_tags="waiting" if sheet.refused_count else "done")
            return redirect("registration_import")
    page = page_of(request, list_sheets_for(request.actor))
    context = {"form": form, "page": page, "has_estates": bool(estates)}
    return render(request, "gates/registrations/import.html", context, status=422 if form.errors else 200)


@require_GET
def registration_template(request: ActorRequest) -> HttpResponseBase:  # noqa: ARG001
    """An empty workbook with the columns that are understood."""
    return table_download(_("居民登记模板"), COLUMNS, [], "xlsx")


@require_POST
def registration_refused(request: ActorRequest, sheet_id: UUID) -> HttpResponseBase:
    name, content = hand_out_refused(actor=request.actor, sheet_id=sheet_id)
    return FileResponse(io.BytesIO(content), as_attachment=True, filename=name)
