"""The own page 我的通行证: who has the code of a registration and the last four of a member's ID number opens it.

Guarantees: no session and no account: the address is signed, names one registration, and ends after half an hour. What is
wrong is told in one way only, whether the code, the digits or nothing exists. Attempts are counted before anything is
looked up. What is done here is done with the scope of one community and for the one household.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound
from shouwang.kernel.scope import use_scope

from ..models import Pass, Registration, Resident
from ..policies_residents import resident_actor
from ..queries.passes import guests_of, shown_passes_of
from ..queries.registrations import get_registration_for, registration_by_code, residents_of
from ..rules.codes import tidy_code
from ..rules.declarations import DeclaredHealth
from ..states import RegistrationSource
from .declarations import write_declarations
from .passes import Named, invite_guest, renew_in
from .public_limits import ensure_not_too_often, look_up_limits
from .registrations import code_digest, withdraw_own_registration
from .signing import with_current_text

OPEN_FOR: Final = timedelta(minutes=30)
_SALT: Final = "shouwang.gates.own_page"


@dataclass(frozen=True, slots=True)
class OwnPage:
    """A registration whose code and last four digits were right; made by `open_own_page` and `own_page_of` alone."""

    registration_id: UUID
    area_code: int


def open_own_page(*, code: str, tail: str, address: str = "") -> OwnPage:
    """Raises TooMany, and NotFound for a code or digits that do not belong together.

    `tail`: the last four of any member's ID number; of a household where nobody has one, the last four of its phone.
    """
    typed = tidy_code(code)
    ensure_not_too_often(look_up_limits(address, typed))
    found = registration_by_code(code_digest(typed))
    if found is not None:
        page = OwnPage(*found)
        with acting_on(page) as (_actor, registration):
            if tail.strip().upper() in _tails(registration):
                return page
    raise NotFound(_("登记码或者后四位不对，请核对后再试"), reason="own_page.wrong")


def address_of(page: OwnPage) -> str:
    """The signed part of the page's address."""
    ends_at = int((clock.now() + OPEN_FOR).timestamp())
    return signing.dumps([page.registration_id.hex, page.area_code, ends_at], salt=_SALT)


def own_page_of(signed: str) -> OwnPage:
    """Raises NotFound for an address that we did not sign or that has ended."""
    try:
        registration_id, area_code, ends_at = signing.loads(signed, salt=_SALT)
    except signing.BadSignature:
        raise _ended() from None
    if clock.now().timestamp() >= ends_at:
        raise _ended()
    return OwnPage(UUID(registration_id), area_code)


@contextmanager
def acting_on(page: OwnPage) -> Iterator[tuple[Actor, Registration]]:
    """The registration, with the scope of its community on the connection. Raises NotFound once it is forgotten."""
    actor = resident_actor(page.area_code)
    with use_scope(actor.scope):
        yield actor, get_registration_for(actor, page.registration_id)


@dataclass(frozen=True, slots=True)
class OwnPasses:
    """What the own page shows: each resident with the pass that lasts longest, and the guests' passes."""

    residents: tuple[tuple[Resident, Pass | None], ...]
    guests: tuple[Pass, ...]


@transaction.atomic
def own_passes(*, registration: Registration) -> OwnPasses:
    """Inside `acting_on`. A pass whose key was withdrawn is signed anew as it is shown."""
    residents = residents_of(registration)
    shown, guests = shown_passes_of(residents), guests_of(residents)
    with_current_text([*shown.values(), *guests])
    return OwnPasses(tuple((one, shown.get(one.id)) for one in residents), tuple(guests))


def declare_own_health(*, page: OwnPage, declared: Mapping[UUID, DeclaredHealth]) -> int:
    """For all members at once, by one of them. Returns how many."""
    with acting_on(page) as (actor, registration), transaction.atomic():
        return len(write_declarations(actor, registration, declared, RegistrationSource.RESIDENT))


def invite_own_guest(*, page: OwnPage, host_id: UUID, request_id: UUID, guest: Named) -> Pass:
    """The host's word is the confirmation. Raises NotFound for a host of another household."""
    with acting_on(page) as (actor, registration):
        if host_id not in {one.id for one in residents_of(registration)}:
            raise NotFound(_("请选择这一户的成员"), resident_id=host_id)
        return invite_guest(actor=actor, host_id=host_id, request_id=request_id, guest=guest)


def renew_own_passes(*, page: OwnPage) -> list[Pass]:
    with acting_on(page) as (actor, registration), transaction.atomic():
        return renew_in(actor, registration)


def withdraw_own(*, page: OwnPage) -> Registration:
    with acting_on(page) as (actor, _registration):
        return withdraw_own_registration(actor=actor, registration_id=page.registration_id)


def _tails(registration: Registration) -> set[str]:
    tails = {one.id_tail for one in residents_of(registration, with_left=True) if one.id_tail}
    return tails or {(registration.phone or "")[-4:]} - {""}


def _ended() -> NotFound:
    return NotFound(_("这个页面已经过期，请重新输入登记码"), reason="own_page.ended")
