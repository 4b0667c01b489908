"""When an area began to pay a programme in this system."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from shouwang.kernel.actor import Actor

from ..models import AreaGoLive
from ..policies import ensure_may_read_payments
from .places import areas_around


def go_live_of(*, programme: str, area_code: int) -> date | None:
    """The day recorded for the area or for the nearest one around it; None while the area is not live."""
    around = areas_around(area_code)
    days = dict(
        AreaGoLive.objects.filter(programme=programme, area_code__in=around).values_list("area_code", "live_on")
    )
    return next((days[code] for code in around if code in days), None)


def list_go_lives_for(actor: Actor) -> QuerySet[AreaGoLive]:
    """What is recorded for the actor's areas and for those around them, the latest first."""
    ensure_may_read_payments(actor)
    around = AreaGoLive.objects.filter(area_code__in=areas_around(actor.area_code))
    inside = AreaGoLive.objects.filter(actor.scope.q())
    return (inside | around).select_related("document").order_by("-live_on", "programme", "area_code")
