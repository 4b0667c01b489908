"""The payment list of a township: what it stands by when it confirms, to be signed and filed."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from shouwang.areas.public import area_names
from shouwang.kernel.documents import Align, Paper, PaperTable, Text, TextStyle
from shouwang.kernel.money import yuan

from ..models import BatchPart, PaymentAttempt, PaymentBatch
from .words import written_amount, written_month


def township_list(batch: PaymentBatch, part: BatchPart, lines: Sequence[PaymentAttempt]) -> Paper:
    """Lines of one part with the last digits of their accounts; the total is the part's own sum."""
    names = area_names(sorted({line.area_code for line in lines} | {part.area_code, batch.area_code}))
    rows = [
        [
            str(line.line_number),
            names.get(line.area_code, ""),
            line.payable.payee.name if line.payable.payee else "",
            f"****{line.account.account_tail}" if line.account else "",
            yuan(line.amount_fen),
            line.get_state_display(),
            "",
        ]
        for line in lines
    ]
    amount_fen = sum(line.amount_fen for line in lines)
    return Paper(
        title=_("%(month)s%(programme)s发放清册")
        % {"month": written_month(batch.benefit_month), "programme": batch.get_programme_display()},
        number=_("%(number)s　%(place)s") % {"number": batch.number, "place": names.get(part.area_code, "")},
        blocks=[
            PaperTable(
                head=[_("序号"), _("村（社区）"), _("领款人"), _("账号"), _("金额（元）"), _("状态"), _("备注")],
                widths=[3, 8, 5, 5, 6, 5, 6],
                aligns=[
                    *(Align.CENTER, Align.LEFT, Align.LEFT, Align.CENTER, Align.RIGHT, Align.CENTER, Align.LEFT),
                ],
                rows=rows,
                total=[_("合计"), _("%(count)s 笔") % {"count": len(rows)}, "", "", yuan(amount_fen), "", ""],
            ),
            Text(_("合计%(amount)s。") % {"amount": written_amount(amount_fen)}, TextStyle.PLAIN),
            Text(
                _("资金：%(fund)s　　经办人：　　　　　　审核人：　　　　　　负责人：") % {"fund": batch.fund.name},
                TextStyle.SMALL,
            ),
        ],
        office=_("%(office)s（盖章）") % {"office": names.get(part.area_code, "")},
        day="　　　　年　　月　　日",
    )
