"""核实, 公示 and 退回: what is found out before anybody decides.

Guarantees: two investigators have put their names to a visit; a check by phone or video rests on simplified_approval in
force and says what was heard; a notice hangs for its whole term.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.kernel import clock, workdays
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Invalid
from shouwang.response.public import EffectiveMeasure, effective

from ...errors import NotInForce
from ...measures import SIMPLIFIED_APPROVAL
from ...models import ReliefCase
from ...rules.relief import rule_on
from ...states import ReliefClock, ReliefVerb
from .moving import advance, ensure_step, lock_case, required

INVESTIGATORS_MIN = 2


def simplified_approval(case: ReliefCase) -> EffectiveMeasure | None:
    return effective(SIMPLIFIED_APPROVAL, case.area_code, clock.now())


@transaction.atomic
def verify_case(
    *,
    actor: Actor,
    case_id: UUID,
    expected_version: int | None,
    investigators: Sequence[str],
    findings: str,
    is_remote: bool = False,
) -> ReliefCase:
    """核实 by at least two investigators at home, or (simplified_approval in force) by phone or video."""
    case = lock_case(actor, case_id, ReliefVerb.VERIFY, expected_version)
    step = ensure_step(actor, case, ReliefVerb.VERIFY)
    findings = required(findings, _("请写明核实的情况"), "relief.findings_missing")
    names = investigator_names(investigators, minimum=1 if is_remote else INVESTIGATORS_MIN)
    measure = simplified_approval(case) if is_remote else None
    if is_remote and measure is None:
        raise NotInForce(_("这里现在没有执行“简化审批”，不能用电话、视频核实，请两名以上人员入户核实"), case_id=case.id)
    way = _("电话、视频核实") if is_remote else _("入户核实")
    note = _("%(way)s，核实人：%(names)s。%(findings)s") % {"way": way, "names": names, "findings": findings}
    advance(actor=actor, case=case, step=step, note=note, measure_ids=measure.measure_ids if measure else ())
    return case


def investigator_names(investigators: Sequence[str], *, minimum: int) -> str:
    """The distinct names, joined. Raises Invalid when there are fewer than `minimum`."""
    names = list(dict.fromkeys(name.strip() for name in investigators if name.strip()))
    if len(names) < minimum:
        raise Invalid(_("核实人至少要有 %(count)s 名，请写全姓名") % {"count": minimum}, reason="relief.investigators")
    return "、".join(names)


@transaction.atomic
def publish_notice(*, actor: Actor, case_id: UUID, expected_version: int | None, place: str) -> ReliefCase:
    """张榜公示 of an expenditure case, in the village; the term is calendar days from the day after."""
    case = lock_case(actor, case_id, ReliefVerb.PUBLISH_NOTICE, expected_version)
    step = ensure_step(actor, case, ReliefVerb.PUBLISH_NOTICE)
    place = required(place, _("请写明公示地点"), "relief.place_missing")
    until = _notice_until(case)
    case.notice_until_on = until
    # It may end from the day after its last day on, and is to be ended on the first working day then.
    end_by = workdays.add_working_days(until, 1).on
    note = _("公示地点：%(place)s，公示到 %(until)s") % {"place": place, "until": until.isoformat()}
    advance(actor=actor, case=case, step=step, note=note, due_on=end_by)
    return case


def _notice_until(case: ReliefCase) -> date:
    limit = rule_on(case.accepted_on or clock.today()).limit(ReliefClock.NOTICE, case.kind)
    return workdays.add_calendar_days(clock.today(), limit.days).on


@transaction.atomic
def end_notice(*, actor: Actor, case_id: UUID, expected_version: int | None, note: str = "") -> ReliefCase:
    """公示期满无异议. With an objection the case goes back to be verified again instead (`send_back`)."""
    case = lock_case(actor, case_id, ReliefVerb.END_NOTICE, expected_version)
    step = ensure_step(actor, case, ReliefVerb.END_NOTICE)
    case.notice_ended_on = clock.today()
    advance(actor=actor, case=case, step=step, note=note.strip() or _("公示期满，无异议"))
    return case


@transaction.atomic
def send_back(*, actor: Actor, case_id: UUID, expected_version: int | None, reason: str) -> ReliefCase:
    """退回重新核实: what was on the notice board no longer counts."""
    case = lock_case(actor, case_id, ReliefVerb.SEND_BACK, expected_version)
    step = ensure_step(actor, case, ReliefVerb.SEND_BACK)
    note = required(reason, _("请写明为什么退回"), "relief.reason_missing")
    case.notice_until_on = case.notice_ended_on = None
    advance(actor=actor, case=case, step=step, note=note)
    return case
