"""Papers of a temporary relief case: the decision's letter with its reasons and remedy, and the cash receipt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from shouwang.areas.public import full_names
from shouwang.kernel.crypto import mask_id_number
from shouwang.kernel.documents import Facts, Paper, Text, TextStyle
from shouwang.kernel.errors import NotFound
from shouwang.kernel.money import yuan

from ..models import ReliefCase
from ..queries.relief import UsedMeasure, decision_of, measures_used, payment_of, snapshot_of
from ..rules.capital_amount import amount_in_capitals
from ..rules.relief import COUNTY, TOWNSHIP, township_of
from ..rules.remedies import remedy_on
from ..states import Channel, ReliefState
from .words import written_amount, written_day

_COUNTY_CODES = 10**9
_SIGN_HERE = "　"


def office_of(case: ReliefCase) -> str:
    """Who signs: the township's government for its own decisions, else the county's bureau."""
    code = township_of(case.area_code)
    if case.decided_by_level != TOWNSHIP:
        code = case.area_code // _COUNTY_CODES * _COUNTY_CODES
    return full_names([code]).get(code, "")


def remedy_sentence(case: ReliefCase, decided_on: date) -> str:
    """What the applicant may do against the decision, and until when."""
    return remedy_on(decided_on).sentence(case.decided_by_level or COUNTY)


def decision_letter(case: ReliefCase) -> Paper:
    """决定书. Raises NotFound while nothing is decided."""
    decision = decision_of(case)
    if decision is None:
        raise NotFound(_("还没有作出决定"), case_id=case.id)
    who = snapshot_of(case)
    is_refused = case.state == ReliefState.REFUSED
    blocks: list[Text | Facts] = [
        Text(_("%(name)s：") % {"name": who.name}, TextStyle.PLAIN),
        Text(
            _("您于%(day)s因“%(cause)s”提出的%(kind)s临时救助申请，经核实，决定如下：")
            % {
                "day": written_day(case.accepted_on or case.occurred_on),
                "cause": case.get_cause_display(),
                "kind": case.get_kind_display(),
            }
        ),
    ]
    blocks.extend(_refusal(decision.note) if is_refused else _grant(case, decision.note))
    blocks.extend(_basis(case, measures_used(case)))
    blocks.append(Text(remedy_sentence(case, decision.occurred_on)))
    return Paper(
        title=_("不予临时救助决定书") if is_refused else _("临时救助决定书"),
        number=case.number,
        blocks=blocks,
        office=_("%(office)s（盖章）") % {"office": office_of(case)},
        day=written_day(decision.occurred_on),
        note=_("本决定书一式两份，一份送达申请人，一份存档。送达日期：　　　　年　　月　　日　　签收人："),
    )


def _refusal(reason: str) -> list[Text]:
    return [
        Text(_("不予救助。"), TextStyle.STRONG),
        Text(_("理由：%(reason)s") % {"reason": reason.strip() or _("见核实记录")}),
        Text(_("情况发生变化的，可以重新申请；需要帮助填写的，村（居）民委员会和乡镇（街道）应当协助。")),
    ]


def _grant(case: ReliefCase, note: str) -> list[Text]:
    assert case.amount_fen is not None
    covered = "、".join(name for name, _relation in snapshot_of(case).covered)
    paid = _("现金") if case.channel == Channel.CASH else _("存入您登记的银行账户")
    texts = [
        Text(_("给予临时救助金%(amount)s。") % {"amount": written_amount(case.amount_fen)}, TextStyle.STRONG),
        Text(_("救助金额的计算：%(formula)s。") % {"formula": case.formula.rstrip("。")}),
        Text(_("救助对象：%(names)s。发放方式：%(paid)s。") % {"names": covered, "paid": paid}),
    ]
    if note.strip() and note.strip() not in case.formula:
        texts.append(Text(_("说明：%(note)s") % {"note": note.strip()}))
    if case.papers_due_on is not None:
        due = written_day(case.papers_due_on)
        texts.append(Text(_("本次为先行救助，请于%(day)s前补齐手续，经办人员会协助您办理。") % {"day": due}))
    return texts


def _basis(case: ReliefCase, measures: Sequence[UsedMeasure]) -> list[Text]:
    documents = [f"《{one.document.title}》（{one.document.number}）" for one in measures]
    words = "、".join(dict.fromkeys([*documents, case.rule_version]))
    return [Text(_("依据：%(basis)s。") % {"basis": words})] if words else []


def cash_receipt(case: ReliefCase) -> Paper:
    """现金收据, to be signed. Raises NotFound for a case that is not paid in cash or not decided."""
    if (
        case.channel != Channel.CASH
        or case.amount_fen is None
        or case.state in (ReliefState.DRAFT, ReliefState.REFUSED)
    ):
        raise NotFound(_("这一件没有现金收据"), case_id=case.id)
    who, payment = snapshot_of(case), payment_of(case)
    rows = [
        (_("领款人"), who.name),
        (_("证件号码"), mask_id_number(who.id_number)),
        (_("困难发生地"), full_names([case.area_code]).get(case.area_code, "")),
        (_("救助事由"), case.get_cause_display()),
        (_("救助对象"), "、".join(name for name, _relation in who.covered)),
        (_("金额（大写）"), f"人民币{amount_in_capitals(case.amount_fen)}"),
        (_("金额（小写）"), f"¥{yuan(case.amount_fen)}"),
        (_("发放日期"), written_day(payment.paid_on if payment else None)),
        (_("领款人签字"), _SIGN_HERE),
        (_("代领人及关系"), f"{case.proxy_name}（{case.proxy_relation}）" if case.proxy_name else _SIGN_HERE),
        (_("发放人签字"), _SIGN_HERE),
    ]
    if case.papers_due_on:
        rows.insert(8, (_("补齐手续"), _("先行救助，最迟%(day)s补齐") % {"day": written_day(case.papers_due_on)}))
    return Paper(
        title=_("临时救助金（备用金）收据"),
        number=case.number,
        blocks=[Facts(rows)],
        office=_("%(office)s（盖章）") % {"office": office_of(case)},
        day=written_day(payment.paid_on if payment else None),
    )
