"""Registering many households from a workbook: the good ones come in, the others go back with their reasons.

Guarantees: a household is registered whole, through the command that the page uses; one that is registered already, at the
same door with the same people, is counted and left alone, so a corrected sheet is sent again as a whole. The workbook is
not kept; the rows that went back are, sealed, for 72 hours.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock, crypto
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import DomainError, NotFound
from shouwang.kernel.ids import new_id
from shouwang.kernel.requests import digest_of, ensure_same, take_turns
from shouwang.kernel.spreadsheets import write_refused
from shouwang.registry.public import PersonDetails

from ..models import Estate, RegistrationSheet, Resident
from ..policies_residents import require_registrar
from ..queries.estates_public import get_estate_of
from ..queries.registrations import STANDING
from ..registration_sheet import ReadSheet, SheetHousehold, read_registration_sheet
from ..states import RegistrationSource
from .registrations import SentMember, SentRegistration, register_for_household

_PURPOSE: Final = "gates.sheet"
REFUSED_KEPT: Final = timedelta(hours=72)


@transaction.atomic
def register_from_sheet(
    *, actor: Actor, sheet_id: UUID, estate_id: int, file_name: str, content: bytes
) -> RegistrationSheet:
    """The sheet with what came of it; the same id and file again give the sheet that is there.

    Raises Invalid for a file as a whole, Conflict for the id with another file.
    """
    estate = get_estate_of(actor, estate_id)
    require_registrar(actor, estate.area_code)
    take_turns([sheet_id])
    digest = digest_of(estate.id, content)
    there = RegistrationSheet.objects.filter(actor.scope.q(), id=sheet_id).first()
    if there is not None:
        ensure_same(bytes(there.request_digest), digest)
        return there
    read = read_registration_sheet(content, file_name)
    registered, known = _register_all(actor, estate, read)
    written = RegistrationSheet.objects.create(
        id=sheet_id,
        estate=estate,
        area_code=estate.area_code,
        file_name=file_name[:200],
        row_count=read.row_count,
        household_count=registered,
        known_count=known,
        refused_count=len(read.reasons),
        refused=_sealed(read) if read.reasons else None,
        request_digest=digest,
        creator_name=actor.name,
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
    )
    data = {"rows": read.row_count, "created": registered, "refused": len(read.reasons)}
    subject = f"registration_sheet:{sheet_id}"
    audit.record(actor=actor, action="registration.load", subject=subject, area_code=estate.area_code, data=data)
    return written


@transaction.atomic
def hand_out_refused(*, actor: Actor, sheet_id: UUID) -> tuple[str, bytes]:
    """Name and content of the workbook of refused rows. Raises NotFound once it was dropped."""
    sheet = RegistrationSheet.objects.filter(actor.scope.q(), id=sheet_id).first()
    if sheet is None or sheet.refused is None:
        raise NotFound(_("没有退回的行，或者已经超过 72 小时"), sheet_id=sheet_id)
    require_registrar(actor, sheet.area_code)
    audit.record(
        actor=actor,
        action="registration.hand_out_refused",
        subject=f"registration_sheet:{sheet.id}",
        area_code=sheet.area_code,
        data={"rows": sheet.refused_count},
    )
    name = f"{_('退回的行')}_{sheet.file_name.rpartition('.')[0] or sheet.file_name}.xlsx"
    return name, crypto.decrypt_bytes(sheet.refused, purpose=_PURPOSE)


def purge_refused_rows() -> int:
    """Drop what nobody fetched in time; returns of how many sheets."""
    due = RegistrationSheet.objects.filter(recorded_at__lt=clock.now() - REFUSED_KEPT).exclude(refused=None)
    return due.update(refused=None)


def _register_all(actor: Actor, estate: Estate, read: ReadSheet) -> tuple[int, int]:
    """How many were registered, and how many were there; whom the command refuses goes into `read.reasons`."""
    there = _standing_doors(estate, read.households)
    registered = known = 0
    for household in read.households:
        people = {one.id_number or one.name for one in household.persons}
        if people == there.get((household.building, household.room)):
            known += 1
            continue
        try:
            with transaction.atomic():
                register_for_household(
                    actor=actor,
                    registration_id=new_id(),
                    sent=_sent(estate, household),
                    source=RegistrationSource.SPREADSHEET,
                )
            registered += 1
        except DomainError as refusal:
            read.reasons.update({one.row: refusal.message for one in household.persons})
    return registered, known


def _sent(estate: Estate, household: SheetHousehold) -> SentRegistration:
    members = [SentMember(PersonDetails(one.name, one.id_number, one.no_id_reason)) for one in household.persons]
    return SentRegistration(estate.id, household.building, household.room, household.phone, tuple(members))


def _standing_doors(estate: Estate, households: Sequence[SheetHousehold]) -> dict[tuple[str, str], set[str]]:
    """Who is registered at the doors of the sheet: ID number, or name of who has none."""
    residents = Resident.objects.filter(
        registration__estate=estate,
        registration__state__in=STANDING,
        registration__building__in={one.building for one in households},
        left_on=None,
    ).select_related("registration")
    doors: dict[tuple[str, str], set[str]] = {}
    for one in residents:
        door = (one.registration.building, one.registration.room)
        doors.setdefault(door, set()).add(one.id_number or one.name)
    return doors


def _sealed(read: ReadSheet) -> bytes:
    workbook = io.BytesIO()
    write_refused(workbook, read.sheet, [(number, [why]) for number, why in sorted(read.reasons.items())])
    return crypto.encrypt_bytes(workbook.getvalue(), purpose=_PURPOSE)
