"""Organisations: the list, one organisation, the form."""

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
from django.views.decorators.http import require_GET, require_http_methods

from shouwang.areas.public import full_names
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.downloads import table_download
from shouwang.kernel.spreadsheets import Column

from ..commands.organisations import OrganisationDetails, record_organisation
from ..forms import ListQuery, OrganisationForm
from ..models import Organisation
from ..policies import can_write
from ..queries.lists import get_organisation_for, list_organisations_for
from .common import bound, filtered, form_page, page_of, refusals_shown_in


@require_GET
def organisation_list(request: ActorRequest) -> HttpResponseBase:
    organisations = filtered(request, list_organisations_for)
    if "format" in request.GET:
        return table_download(_("机构名册"), _columns(), _exported(organisations), request.GET["format"])
    page = page_of(request, organisations)
    context = {
        "query": ListQuery(request.GET or None),
        "page": page,
        "area_names": full_names([organisation.area_code for organisation in page]),
        "can_write": can_write(request.actor),
    }
    return render(request, "registry/organisation_list.html", context)


@require_GET
def organisation_detail(request: ActorRequest, organisation_id: UUID) -> HttpResponse:
    organisation = get_organisation_for(request.actor, organisation_id)
    area = full_names([organisation.area_code]).get(organisation.area_code, "")
    context = {"organisation": organisation, "area": area, "can_write": can_write(request.actor)}
    return render(request, "registry/organisation_detail.html", context)


@require_http_methods(["GET", "POST"])
def organisation_new(request: ActorRequest) -> HttpResponse:
    form = bound(request, OrganisationForm)
    return _saved(request, form, None) or form_page(request, "registry/record_form.html", form, title=_("登记机构"))


@require_http_methods(["GET", "POST"])
def organisation_edit(request: ActorRequest, organisation_id: UUID) -> HttpResponse:
    organisation = get_organisation_for(request.actor, organisation_id)
    initial = {
        "version": organisation.version,
        "name": organisation.name,
        "kind": organisation.kind,
        "credit_code": organisation.credit_code or "",
        "area": organisation.area_code,
        "contact_name": organisation.contact_name,
    }
    form = bound(request, OrganisationForm, initial=initial)
    if organisation.contact_phone:
        form.fields["contact_phone"].help_text = _("已登记；不改请留空。")
    title = _("修改机构")
    return _saved(request, form, organisation_id) or form_page(request, "registry/record_form.html", form, title=title)


def _saved(request: ActorRequest, form: OrganisationForm, organisation_id: UUID | None) -> HttpResponse | None:
    """The redirect after the command, or None when the form has to be shown."""
    if request.method != "POST" or not form.is_valid():
        return None
    values = form.cleaned_data
    with refusals_shown_in(form):
        organisation = record_organisation(
            actor=request.actor,
            organisation_id=organisation_id or values["request_id"],
            details=OrganisationDetails(
                name=values["name"],
                area_code=values["area"],
                kind=values["kind"],
                credit_code=values["credit_code"],
                contact_name=values["contact_name"],
                contact_phone=values["contact_phone"],
            ),
            expected_version=values["version"],
        )
        messages.success(request, _("已保存 %(name)s。") % {"name": organisation.name})
        return redirect("organisation_detail", organisation.id)
    return None


def _columns() -> list[Column]:
    return [
        Column("name", _("机构名称")),
        Column("kind", _("机构类型")),
        Column("credit_code", _("统一社会信用代码")),
        Column("area", _("所在地")),
        Column("contact_name", _("联系人")),
    ]


def _exported(organisations: QuerySet[Organisation]) -> Iterator[dict[str, Any]]:
    every = list(organisations)
    names = full_names([organisation.area_code for organisation in every])
    for organisation in every:
        yield {
            "name": organisation.name,
            "kind": organisation.get_kind_display(),
            "credit_code": organisation.credit_code or "",
            "area": names.get(organisation.area_code, ""),
            "contact_name": organisation.contact_name,
        }
