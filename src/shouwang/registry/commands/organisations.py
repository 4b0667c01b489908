"""Organisations and their unified social credit codes."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from shouwang.areas.public import get_area
from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.credit_code import parse_credit_code
from shouwang.kernel.errors import Conflict, Invalid, NotFound
from shouwang.kernel.ids import new_id
from shouwang.kernel.search import holds_number, index_terms, name_terms, title_terms

from ..models import Organisation
from ..policies import require_writer
from ..rules.values import check_name, check_phone
from ..states import OrganisationKind


@dataclass(frozen=True, slots=True)
class OrganisationDetails:
    """An organisation as a form gives it; the code may be missing for one that has none yet."""

    name: str
    area_code: int
    credit_code: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    kind: str = OrganisationKind.OTHER


def record_organisation(
    *,
    actor: Actor,
    organisation_id: UUID,
    details: OrganisationDetails,
    expected_version: int | None = None,
) -> Organisation:
    """Register it under the id that the form brought, or correct the one that has that id.

    A credit code belongs to one organisation in the whole register, this county's or another's. A phone that is left
    empty stays as it is.
    """
    require_writer(actor, details.area_code)
    get_area(details.area_code)
    columns = _columns(details)
    try:
        with transaction.atomic():
            return _write(actor, organisation_id, columns, expected_version)
    except IntegrityError as error:
        message = _("统一社会信用代码 %(code)s 已由另一家机构登记（可能在其他区县）") % {"code": columns["credit_code"]}
        raise Conflict(message, reason="organisation.registered") from error


def _write(
    actor: Actor, organisation_id: UUID, columns: dict[str, object], expected_version: int | None
) -> Organisation:
    found = Organisation.objects.select_for_update().filter(actor.scope.q(), id=organisation_id).first()
    if found is None:
        if expected_version is not None:
            raise NotFound(_("没有找到这家机构，或者不在您的管辖范围内"), organisation_id=organisation_id)
        found = Organisation.objects.create(id=organisation_id or new_id(), recorded_at=clock.now(), **columns)
        action = "organisation.register"
    else:
        columns = {column: value for column, value in columns.items() if value or column != "contact_phone"}
        if all((getattr(found, column) or None) == (value or None) for column, value in columns.items()):
            return found
        if expected_version != found.version:
            message = _("%(name)s 已被他人修改，请刷新后核对再保存") % {"name": found.name}
            raise Conflict(message, reason="registry.changed")
        require_writer(actor, found.area_code)
        for column, value in columns.items():
            setattr(found, column, value)
        found.save(update_fields=[*columns])
        Organisation.objects.filter(id=found.id).update(version=F("version") + 1)
        found.version += 1
        action = "organisation.correct"
    terms = name_terms(found.name) | title_terms(found.name)
    index_terms("organisation", [(found.id, found.area_code, terms)], replace=True)
    audit.record(actor=actor, action=action, subject=f"organisation:{found.id}", area_code=found.area_code)
    return found


def _columns(details: OrganisationDetails) -> dict[str, object]:
    name = " ".join(details.name.split())
    if not name or len(name) > 100:
        raise Invalid(_("请填写机构名称，不超过100字"), reason="organisation.name")
    if holds_number(name):
        raise Invalid(_("机构名称里像是夹了一串号码，请只填名称"), reason="organisation.number_in_name")
    return {
        "name": name,
        "kind": OrganisationKind(details.kind),
        "area_code": details.area_code,
        "credit_code": parse_credit_code(details.credit_code) if details.credit_code.strip() else None,
        "contact_name": check_name(details.contact_name) if details.contact_name.strip() else "",
        "contact_phone": check_phone(details.contact_phone) if details.contact_phone.strip() else None,
    }
