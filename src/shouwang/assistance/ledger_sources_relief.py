"""What the book calls the entries of temporary relief and of the petty reserves, and where they lead."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from shouwang.kernel.actor import Actor
from shouwang.ledger.public import Entry, SourceLink, register_source

from .models import ReliefCase
from .states import PETTY_RESERVE_FILL


def case_link(actor: Actor, subject: str) -> SourceLink:
    number = ReliefCase.objects.filter(actor.scope.q(), id=UUID(subject)).values_list("number", flat=True).first()
    if number is None:
        return SourceLink(label=_("临时救助"))
    return SourceLink(label=_("临时救助 %(number)s") % {"number": number}, url=reverse("relief_case", args=[subject]))


def fill_link(actor: Actor, subject: str) -> SourceLink:
    township = Entry.objects.filter(actor.scope.q(), id=UUID(subject)).values_list("area_code", flat=True).first()
    url = reverse("petty_reserve_detail", args=[township]) if township else ""
    return SourceLink(label=_("拨付乡镇备用金"), url=url)


def register() -> None:
    register_source("relief", case_link)
    register_source(PETTY_RESERVE_FILL.rstrip(":"), fill_link)
