"""Who may do what in assistance. Every command asks here first."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.accounts.public import Role
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotAllowed, NotFound

from .rules.places import TOWNSHIP
from .states import STEP_OF, BatchStep, BatchVerb

KEEPS_GRANTS: frozenset[str] = frozenset({Role.COUNTY_OFFICER, Role.CITY_OFFICER})
RUNS_MONTHS: frozenset[str] = frozenset({Role.COUNTY_OFFICER, Role.CITY_OFFICER})
CORRECTS_PAYMENTS: frozenset[str] = frozenset({Role.COUNTY_LEADER, Role.FINANCE})
WRITES_OFF: frozenset[str] = frozenset({Role.COUNTY_LEADER})
CANCELS_LINES: frozenset[str] = frozenset({Role.TOWNSHIP_ASSISTANT, Role.TOWNSHIP_HEAD, Role.COUNTY_OFFICER})
READS_PAYMENTS: frozenset[str] = frozenset(Role) - {Role.SYSADMIN}
ARRANGES_BANK: frozenset[str] = frozenset({Role.FINANCE})
FILES_AGREEMENTS: frozenset[str] = frozenset({Role.TOWNSHIP_ASSISTANT, Role.TOWNSHIP_HEAD, Role.COUNTY_OFFICER})
DECIDES_RECALCULATIONS: frozenset[str] = frozenset({Role.COUNTY_LEADER, Role.CITY_OFFICER})
CLOSES_MONTHS: frozenset[str] = frozenset({Role.FINANCE, Role.COUNTY_OFFICER, Role.CITY_OFFICER})
PUBLISHES_LISTS: frozenset[str] = frozenset({Role.TOWNSHIP_ASSISTANT, Role.TOWNSHIP_HEAD, Role.COUNTY_OFFICER})
TAKES_BANK_FILES: frozenset[str] = frozenset({Role.FINANCE, Role.COUNTY_OFFICER, Role.CITY_OFFICER})


def ensure_may_keep_grants(actor: Actor, area_codes: Iterable[int]) -> None:
    _ensure_role(actor, KEEPS_GRANTS, _("在保对象由县区、市局民政经办人员维护"))
    _ensure_inside(actor, area_codes)


def ensure_may_run(actor: Actor, area_code: int) -> None:
    _ensure_role(actor, RUNS_MONTHS, _("每月发放清册由县区、市局民政经办人员生成"))
    _ensure_inside(actor, [area_code])


def ensure_may_correct(actor: Actor, area_code: int) -> None:
    _ensure_role(actor, CORRECTS_PAYMENTS, _("冲回已到账的款项由县区民政负责人或财务办理"))
    _ensure_inside(actor, [area_code])


def ensure_may_write_off(actor: Actor, area_code: int) -> None:
    _ensure_role(actor, WRITES_OFF, _("核销多发的款项由县区民政负责人办理"))
    _ensure_inside(actor, [area_code])


def ensure_may_decide_recalculation(actor: Actor, area_code: int, computed_by: UUID | None) -> None:
    _ensure_role(actor, DECIDES_RECALCULATIONS, _("补差核算由县区民政负责人或另一名市局经办人员复核"))
    _ensure_inside(actor, [area_code])
    if computed_by is not None and actor.user_id == computed_by:
        raise NotAllowed(_("核算的人不能自己复核，请由另一人办理"), reason="recalculation.own")


def ensure_may_cancel(actor: Actor, area_code: int) -> None:
    _ensure_role(actor, CANCELS_LINES, _("取消发放由乡镇或县区民政经办人员办理"))
    _ensure_inside(actor, [area_code])


def ensure_may_read_payments(actor: Actor) -> None:
    _ensure_role(actor, READS_PAYMENTS, _("系统管理员不能查看发放资料"))


def ensure_may_take_bank_file(actor: Actor, area_code: int) -> None:
    _ensure_role(actor, TAKES_BANK_FILES, _("银行代发文件含有完整账号，只由财务和民政经办人员下载"))
    _ensure_inside(actor, [area_code])


def ensure_may_arrange_bank(actor: Actor, area_code: int) -> None:
    _ensure_role(actor, ARRANGES_BANK, _("代发银行和付款账户由财务登记"))
    _ensure_inside(actor, [area_code])


def ensure_may_file_agreement(actor: Actor, area_code: int) -> None:
    _ensure_role(actor, FILES_AGREEMENTS, _("代管协议由乡镇或县区民政经办人员登记"))
    _ensure_inside(actor, [area_code])


def ensure_may_close_month(actor: Actor, area_code: int) -> None:
    _ensure_role(actor, CLOSES_MONTHS, _("月度结账由财务和民政经办人员办理"))
    _ensure_inside(actor, [area_code])


def ensure_may_publish(actor: Actor, area_code: int) -> None:
    _ensure_role(actor, PUBLISHES_LISTS, _("公示、公布名单由乡镇或县区民政经办人员制作"))
    _ensure_inside(actor, [area_code])


def ensure_may_receive_returns(actor: Actor, area_code: int) -> None:
    _ensure_role(actor, STEP_OF[BatchVerb.RECEIVE].roles, _("银行回盘由财务和民政经办人员读入"))
    _ensure_inside(actor, [area_code])


def may_take_step(actor: Actor, step: BatchStep, batch_area_code: int, part_codes: Iterable[int]) -> bool:
    """Whether the actor's post has this step to take on a batch: role, and the place it answers for."""
    if actor.role not in step.roles:
        return False
    if step.verb == BatchVerb.CONFIRM:
        return bool(parts_of(actor, batch_area_code, part_codes))
    return actor.scope.contains(batch_area_code)


def parts_of(actor: Actor, batch_area_code: int, part_codes: Iterable[int]) -> list[int]:
    """The parts that the actor may confirm: a township's officer those in scope, a county's what has no township there."""
    mine = [code for code in part_codes if actor.scope.contains(code)]
    if actor.role != Role.COUNTY_OFFICER:
        return mine
    return [code for code in mine if code == batch_area_code or code % TOWNSHIP]


def _ensure_role(actor: Actor, roles: frozenset[str], message: str) -> None:
    if not actor.is_system and actor.role not in roles:
        raise NotAllowed(message, reason="assistance.role", role=actor.role)


def _ensure_inside(actor: Actor, area_codes: Iterable[int]) -> None:
    for area_code in area_codes:
        if not actor.scope.contains(area_code):
            raise NotFound(_("没有找到，可能不在您的辖区"), reason="assistance.outside", area_code=area_code)
