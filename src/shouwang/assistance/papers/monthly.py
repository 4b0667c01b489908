"""Papers of a run: the decision's letter of a monthly amount with its steps and remedy, and the run's summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from shouwang.areas.public import full_names
from shouwang.kernel import clock
from shouwang.kernel.documents import Align, Facts, Paper, PaperTable, Text, TextStyle
from shouwang.kernel.money import yuan

from ..models import BenefitRun
from ..queries.run_pages import UnitSum
from ..queries.run_records import Explained
from ..rules.benefits.explain import Explanation, Step
from ..rules.benefits.programmes import rule_of
from ..rules.relief import COUNTY
from ..rules.remedies import remedy_on
from .words import written_amount, written_day, written_month


def amount_letter(found: Explained, *, name: str, place: str, held: str, set_off_fen: int) -> Paper:
    """决定书 of one line of a run: the amount, how it comes about step by step, what may be done against it until when.

    `held`: why nothing is paid or the payment waits, in words. `set_off_fen`: what of the amount was set off against
    what had been paid too much before.
    """
    line = found.line
    decided_on = line.run.recorded_at.astimezone(clock.TZ).date()
    programme = line.run.get_programme_display()
    month = written_month(line.run.benefit_month)
    blocks: list[Text | PaperTable] = [Text(_("%(name)s：") % {"name": name}, TextStyle.PLAIN)]
    if line.person_number is None:
        lead = _("经核算，您（家庭，居住地%(place)s）%(month)s的%(programme)s决定如下：")
    else:
        lead = _("经核算，您（居住地%(place)s）%(month)s的%(programme)s决定如下：")
    blocks.append(Text(lead % {"place": place, "month": month, "programme": programme}))
    if line.payable_id is None:
        blocks.append(Text(_("本月不予发放。"), TextStyle.STRONG))
    else:
        amount = written_amount(line.amount_fen)
        blocks.append(Text(_("发放%(amount)s。") % {"amount": amount}, TextStyle.STRONG))
        if set_off_fen:
            words = _("其中抵扣以前多发 %(less)s 元，实发 %(paid)s 元。")
            told = {"less": yuan(set_off_fen), "paid": yuan(line.amount_fen - set_off_fen)}
            blocks.append(Text(words % told, TextStyle.STRONG))
    if held:
        blocks.append(Text(_("说明：%(held)s。") % {"held": held.rstrip("。")}))
    if found.explanation is None:
        blocks.append(Text(_("您的收入等资料还没有登记，本月按接转时核定的数额计算；资料登记以后按规定重新计算。")))
    else:
        blocks.extend(_explained(found, found.explanation))
    blocks.append(Text(remedy_on(decided_on).sentence(COUNTY)))
    return Paper(
        title=_("%(programme)s数额决定书") % {"programme": programme},
        number=month,
        blocks=blocks,
        office=_("%(office)s（盖章）") % {"office": full_names([line.unit_code]).get(line.unit_code, "")},
        day=written_day(decided_on),
        note=_("本决定书一式两份，一份送达本人，一份存档。送达日期：　　　　年　　月　　日　　签收人："),
    )


def _explained(found: Explained, explanation: Explanation) -> list[Text | PaperTable]:
    line = found.line
    blocks: list[Text | PaperTable] = [
        Text(_("计算：%(formula)s。") % {"formula": explanation.formula.rstrip("。")}),
    ]
    if explanation.why:
        blocks.append(Text(_("理由：%(why)s。") % {"why": "；".join(explanation.why)}))
    if line.amount_fen != line.ordinary_fen:
        ordinary = written_amount(line.ordinary_fen) if line.ordinary_fen else _("不予发放")
        words = _("没有在行的应急措施时：%(ordinary)s。措施解除以后，由经办人员逐户复核，并另行告知。")
        blocks.append(Text(words % {"ordinary": ordinary}))
    if found.placeholders:
        words = _("下列标准中标有“占位”的没有当地公布的文号，本件仅供演示，不得作为决定书送达。")
        blocks.append(Text(words, TextStyle.STRONG))
    codes = {row.area_code for step in explanation.steps for row in step.sources}
    names = full_names([code for code in codes if code])
    blocks.append(
        PaperTable(
            head=[_("步骤"), _("数值"), _("条款"), _("标准来源")],
            widths=[6, 4, 6, 7],
            aligns=[Align.LEFT, Align.RIGHT, Align.LEFT, Align.LEFT],
            rows=[[step.label, step.shown, step.article, _sources(step, names)] for step in explanation.steps],
        )
    )
    text = rule_of(explanation.programme).text_on(line.run.benefit_month)
    basis = _("依据：《%(title)s》（%(number)s）；表中条款没有写明文件的，是这份文件的条款。")
    blocks.append(Text(basis % {"title": text.title, "number": explanation.number}))
    if explanation.changes:
        blocks.append(Text(_("以下情况会改变数额：%(changes)s。") % {"changes": "；".join(explanation.changes)}))
    return blocks


def _sources(step: Step, names: Mapping[int, str]) -> str:
    """Where the standards behind a step come from, each source once."""
    told = (
        (names.get(row.area_code, _("全国")), row.source, _("（占位）") if row.status == "placeholder" else "")
        for row in step.documents
    )
    return "；".join(" ".join(part for part in parts if part) for parts in told)


def run_summary(
    run: BenefitRun,
    *,
    names: Mapping[int, str],
    units: Sequence[UnitSum],
    causes: Sequence[tuple[str, int, int]],
    looks: Sequence[tuple[str, int]],
) -> Paper:
    """A run on paper, as far as the reader sees it: sums by unit, what changed and why, what to look at first.

    `causes`: words, count and fen; `looks`: words and count.
    """
    count = sum(unit.line_count for unit in units)
    fen = sum(unit.amount_fen for unit in units)
    last = sum(unit.last_fen for unit in units)
    blocks: list[Facts | PaperTable | Text] = [
        Facts(
            [
                (_("区划"), names.get(run.area_code, "")),
                (_("生成时间"), f"{run.recorded_at.astimezone(clock.TZ):%Y-%m-%d %H:%M}"),
                (_("应发"), _("%(count)s 笔，%(yuan)s 元") % {"count": count, "yuan": yuan(fen)}),
                (_("所依措施"), _("%(count)s 项在行措施") % {"count": len(run.measures)}),
            ]
        ),
        PaperTable(
            head=[_("单位"), _("应发笔数"), _("应发金额（元）"), _("上月金额（元）"), _("增减（元）")],
            widths=[6, 4, 6, 6, 6],
            aligns=[Align.LEFT, Align.RIGHT, Align.RIGHT, Align.RIGHT, Align.RIGHT],
            rows=[
                [
                    names.get(unit.unit_code, ""),
                    str(unit.line_count),
                    yuan(unit.amount_fen),
                    yuan(unit.last_fen),
                    yuan(unit.change_fen),
                ]
                for unit in units
            ],
            total=[_("合计"), str(count), yuan(fen), yuan(last), yuan(fen - last)],
        ),
    ]
    if causes:
        blocks.append(
            PaperTable(
                head=[_("比上月变化的原因"), _("笔数"), _("增减（元）")],
                widths=[10, 4, 6],
                aligns=[Align.LEFT, Align.RIGHT, Align.RIGHT],
                rows=[[words, str(number), yuan(change)] for words, number, change in causes],
            )
        )
    if looks:
        blocks.append(
            PaperTable(
                head=[_("先看这些"), _("笔数")],
                widths=[14, 4],
                aligns=[Align.LEFT, Align.RIGHT],
                rows=[[words, str(number)] for words, number in looks],
            )
        )
    return Paper(
        title=_("%(programme)s发放汇总") % {"programme": run.get_programme_display()},
        number=written_month(run.benefit_month),
        blocks=blocks,
    )
