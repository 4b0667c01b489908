"""Officers of a county and of its city, and notices of parameters as they propose them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from shouwang.accounts.public import Role
from shouwang.assistance.commands.parameters import decide_parameters, propose_parameters
from shouwang.assistance.models import ParameterDecision, ParameterNotice, ParameterValue
from shouwang.assistance.queries.parameter_changes import ProposedNotice, ProposedValue
from shouwang.assistance.states import NoticeVerdict
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.ids import new_id
from shouwang.kernel.models import AuditEntry, EventRecord
from shouwang.kernel.scope import FULL, use_scope
from tests.factories import HANTING, WEIFANG, make_actor

APRIL = date(2020, 4, 1)
URBAN, RURAL = "dibao.standard.urban", "dibao.standard.rural"


@dataclass(frozen=True, slots=True)
class Bureau:
    """A bureau's officer who proposes, and the one who decides."""

    officer: Actor
    decider: Actor
    area_code: int


def make_bureau(area_code: int = HANTING) -> Bureau:
    if area_code == WEIFANG:
        return Bureau(
            make_actor(Role.CITY_OFFICER, WEIFANG, name="市经办"),
            make_actor(Role.CITY_OFFICER, WEIFANG, name="市复核"),
            WEIFANG,
        )
    return Bureau(
        make_actor(Role.COUNTY_OFFICER, area_code, name="经办"),
        make_actor(Role.COUNTY_LEADER, area_code, name="负责人"),
        area_code,
    )


def value(
    key: str = URBAN,
    text: str | None = "600",
    *,
    area_code: int = HANTING,
    valid_from: date = APRIL,
    unit: str = "元/人/月",
    **more: str,
) -> ProposedValue:
    return ProposedValue(key, area_code, valid_from, text, unit, **more)


def notice(*values: ProposedValue, area_code: int = HANTING, **more: object) -> ProposedNotice:
    made = ProposedNotice(
        number="寒民〔2020〕7号",
        title="关于调整低保标准的通知",
        area_code=area_code,
        effective_on=APRIL,
        values=values or (value(),),
        announcement="现予公布。",
    )
    return replace(made, **more)  # type: ignore[arg-type]


def propose(bureau: Bureau, proposed: ProposedNotice, notice_id: UUID | None = None) -> ParameterNotice:
    with use_scope(bureau.officer.scope):
        return propose_parameters(actor=bureau.officer, notice_id=notice_id or new_id(), proposed=proposed)


def decide(
    bureau: Bureau, notice_id: UUID, verdict: NoticeVerdict = NoticeVerdict.CONFIRMED, reason: str = ""
) -> ParameterDecision:
    with use_scope(bureau.decider.scope):
        return decide_parameters(actor=bureau.decider, notice_id=notice_id, verdict=verdict, reason=reason)


def put_in_force(bureau: Bureau, proposed: ProposedNotice, *, at: datetime | None = None) -> ParameterNotice:
    with clock.at(at or clock.now()):
        made = propose(bureau, proposed)
        decide(bureau, made.id)
    return made


def recorded() -> list[int]:
    with use_scope(FULL):
        models = (ParameterNotice, ParameterValue, ParameterDecision, AuditEntry, EventRecord)
        return [model.objects.count() for model in models]
