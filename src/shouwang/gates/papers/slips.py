"""Paper for a gate without a phone: the day's slips, and the blank sheet on which passages are written down."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from shouwang.kernel.documents import Align, Card, Cards, Paper, PaperTable, Text, TextStyle, Tint

from ..models import Estate
from ..queries.slips import slips_of

SLIPS_A_PAGE = 21
LOG_ROWS = 14

COLOUR_WORDS = {
    "red": lazy("红"),
    "orange": lazy("橙"),
    "green": lazy("绿"),
    "blue": lazy("蓝"),
    "purple": lazy("紫"),
    "grey": lazy("灰"),
}


def slip_sheet(estate: Estate, on: date) -> Paper:
    """A page of the day's slips, all alike: the phone of the gate knows the word and the colour."""
    (slip,) = slips_of(estate.id, on, 1)
    colour = COLOUR_WORDS[slip.colour]
    day = f"{on.year}年{on.month}月{on.day}日"
    lines = [day, _("%(colour)s色 · %(estate)s") % {"colour": colour, "estate": estate.name}]
    card = Card(title=slip.word, lines=lines, tint=Tint(slip.colour))
    return Paper(
        title=_("当日纸条"),
        number=day,
        blocks=[Cards([card] * SLIPS_A_PAGE, columns=3)],
        note=_("当天有效，出门时发、回来时收。卡口手机上能看到当天的词和颜色。"),
    )


def log_sheet(estate: Estate, on: date) -> Paper:
    """Blank rows with the columns of a scan, so that what is written can be typed in later without asking again."""
    head = [
        *(_("序号"), _("时间"), _("进/出"), _("姓名"), _("证件后四位"), _("楼号房号"), _("通行证编号")),
        *(_("体温"), _("口罩"), _("结果"), _("同行")),
    ]
    blank = [""] * (len(head) - 1)
    return Paper(
        title=_("卡口出入登记表"),
        number=_("%(estate)s　　卡口：　　　　　　日期：　　　　年　　月　　日　　值守人：") % {"estate": estate.name},
        blocks=[
            PaperTable(
                head=head,
                widths=[3, 5, 4, 6, 6, 7, 9, 5, 4, 7, 4],
                aligns=[Align.CENTER] * len(head),
                rows=[[str(number), *blank] for number in range(1, LOG_ROWS + 1)],
            ),
            Text(_("结果写：放行、登记后放行、劝返、转送发热门诊。没有通行证的写姓名和楼号房号。"), TextStyle.SMALL),
        ],
        note=_("印制日期 %(on)s。填满后交社区录入，同一张表只录一次。") % {"on": on.isoformat()},
        is_wide=True,
    )
