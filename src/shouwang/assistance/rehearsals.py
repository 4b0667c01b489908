"""What a measure of assistance would meet before it is signed, and what it put off once it is lifted.

Counts are of the actor's own scope, as of now; money is what the same rules say of the last month that was run (see
engine.what_if). Where no month was run yet there is nothing to tell of money, and nothing is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from shouwang.areas.public import format_area_code
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.scope import lies_within, spans_q
from shouwang.response.public import Effect, Rehearse, Target, Values

from . import measures
from .engine.what_if import Supposed, what_if
from .models import BenefitRun
from .queries.grants import list_grants_for
from .queries.petty_reserve import reserves_for
from .queries.relief import list_cases_for
from .queries.reviews import waiting_reviews_for
from .states import Programme, ReliefState

_BEFORE_A_DECISION = (ReliefState.DRAFT, ReliefState.ACCEPTED, ReliefState.VERIFIED, ReliefState.NOTICE)


def _grants(actor: Actor, target: Target, programmes: Sequence[str]) -> Effect:
    month = clock.today().replace(day=1)
    found = list_grants_for(actor, month=month, spans=target.spans, in_force="yes").filter(programme__in=programmes)
    url = f"{reverse('grant_list')}?area={format_area_code(target.area_code)}"
    return Effect(_("在保对象"), found.count(), _("户（人）"), url)


def _cases(actor: Actor, target: Target, label: str) -> Effect:
    found = list_cases_for(actor, state="open", spans=target.spans).filter(state__in=_BEFORE_A_DECISION)
    url = f"{reverse('relief_list')}?state=open&area={format_area_code(target.area_code)}"
    return Effect(label, found.count(), _("件"), url)


def _money(actor: Actor, target: Target, programme: str, supposed: Mapping[str, object]) -> list[Effect]:
    """What the last month that was run would have cost more, by the same rules on the same snapshot."""
    month = _last_month(programme)
    if month is None:
        return []
    found = what_if(
        actor, programme=programme, month=month, area_code=target.area_code, supposed=Supposed(measures=supposed)
    )
    changed = found.total("gained_count") + found.total("lost_count")
    changed += found.total("raised_count") + found.total("lowered_count")
    label = _("%(month)s的%(programme)s金额会变的") % {
        "month": f"{month:%Y年%-m月}",
        "programme": Programme(programme).label,
    }
    return [Effect(label, changed, _("户（人）"), reverse("what_if"), fen=found.total("change_fen"))]


def _last_month(programme: str) -> date | None:
    newest = BenefitRun.objects.filter(programme=programme).order_by("-benefit_month").first()
    return newest.benefit_month if newest else None


def _exit_paused(actor: Actor, target: Target, _values: Values) -> list[Effect]:
    programmes = (Programme.DIBAO, Programme.TEKUN)
    money = _money(actor, target, Programme.DIBAO, {"is_exit_paused": True})
    return [_grants(actor, target, programmes), *money]


def _review_paused(actor: Actor, target: Target, _values: Values) -> list[Effect]:
    return [_grants(actor, target, (Programme.DIBAO, Programme.TEKUN))]


def _relief_first(actor: Actor, target: Target, _values: Values) -> list[Effect]:
    return [_cases(actor, target, _("可以先行救助的在办申请"))]


def _simplified(actor: Actor, target: Target, _values: Values) -> list[Effect]:
    return [_cases(actor, target, _("办理程序会变的在办申请"))]


def _petty_reserve(actor: Actor, target: Target, _values: Values) -> list[Effect]:
    today = clock.today()
    lines = reserves_for(actor, since=today, until=today)
    reserves = [line for line in lines if lies_within(line.area_code, target.spans)]
    return [Effect(_("设有备用金的乡镇（街道）"), len(reserves), _("个"), reverse("petty_reserve_list"))]


def _gradual_exit(actor: Actor, target: Target, values: Values) -> list[Effect]:
    money = _money(actor, target, Programme.DIBAO, {"gradual_exit_months": values["months"]})
    return [_grants(actor, target, (Programme.DIBAO,)), *money]


def _price_doubled(actor: Actor, target: Target, _values: Values) -> list[Effect]:
    return _money(actor, target, Programme.PRICE_SUBSIDY, {"is_price_doubled": True})


def _postponed_reviews(actor: Actor, target: Target, _values: Values) -> list[Effect]:
    waiting = waiting_reviews_for(actor).filter(spans_q(target.spans, "grant__area_code")).count()
    return [Effect(_("等着处理的复核和退出"), waiting, _("户（人）"), reverse("review_list"))]


BY_KIND: Mapping[str, Mapping[str, Rehearse]] = {
    measures.EXIT_PAUSED: {"rehearse": _exit_paused, "postponed": _postponed_reviews},
    measures.REVIEW_PAUSED: {"rehearse": _review_paused, "postponed": _postponed_reviews},
    measures.RELIEF_FIRST: {"rehearse": _relief_first},
    measures.SIMPLIFIED_APPROVAL: {"rehearse": _simplified},
    measures.PETTY_RESERVE: {"rehearse": _petty_reserve},
    measures.GRADUAL_EXIT: {"rehearse": _gradual_exit},
    measures.PRICE_DOUBLED: {"rehearse": _price_doubled},
}
