"""Estates as anybody may choose theirs: they name no person."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound

from ..models import Estate

FOUND_MAX = 30


def search_estates(text: str) -> list[Estate]:
    """By a part of the name or the address; none for an empty text."""
    words = text.split()
    if not words:
        return []
    found = Estate.objects.order_by("name", "id")
    for word in words[:4]:
        found = found.filter(name__icontains=word) | found.filter(address__icontains=word)
    return list(found[:FOUND_MAX])


def get_estate(estate_id: int) -> Estate:
    """With its buildings. Raises NotFound."""
    estate = Estate.objects.prefetch_related("buildings").filter(id=estate_id).first()
    if estate is None:
        raise NotFound(_("没有找到这个小区"), estate_id=estate_id)
    return estate


def estates_of(actor: Actor) -> QuerySet[Estate]:
    """The estates in the actor's areas, by name."""
    return Estate.objects.filter(actor.scope.q()).order_by("area_code", "name", "id")


def get_estate_of(actor: Actor, estate_id: int) -> Estate:
    """Raises NotFound, also for one outside the actor's areas."""
    estate = estates_of(actor).prefetch_related("buildings").filter(id=estate_id).first()
    if estate is None:
        raise NotFound(_("没有找到这个小区，或者不在您的管辖范围内"), estate_id=estate_id)
    return estate


def building_names(estate: Estate) -> list[str]:
    """As the community counted them, 2 before 10; empty where it has not."""
    names = [building.name for building in estate.buildings.all()]
    return sorted(names, key=lambda name: (not name.isdigit(), int(name) if name.isdigit() else 0, name))
