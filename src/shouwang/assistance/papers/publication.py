"""The list that hangs on a village's board: masked names, numbers of members, amounts, and no more."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _

from shouwang.areas.public import area_names, full_names
from shouwang.kernel.documents import Align, Paper, PaperTable, Text, TextStyle
from shouwang.kernel.money import yuan

from ..models import Publication
from ..queries.publications import VillageList
from ..states import PublicationKind
from .words import written_day, written_month

_COUNTY_CODES = 10**9


def publication_title(publication: Publication) -> str:
    return _("%(month)s%(programme)s对象%(kind)s名单") % {
        "month": written_month(publication.benefit_month),
        "programme": publication.get_programme_display(),
        "kind": publication.get_kind_display(),
    }


def village_paper(publication: Publication, listed: VillageList) -> Paper:
    place = full_names([publication.area_code]).get(publication.area_code, "")
    county = publication.area_code // _COUNTY_CODES * _COUNTY_CODES
    village = area_names([publication.area_code]).get(publication.area_code, "")
    rows = [
        [str(number), village, row.masked_name, str(row.member_count), yuan(row.amount_fen)]
        for number, row in enumerate(listed.rows, 1)
    ]
    return Paper(
        title=publication_title(publication),
        number=place,
        blocks=[
            Text(_lead(publication)),
            PaperTable(
                head=[_("序号"), _("村（社区）"), _("姓名"), _("保障人数"), _("月保障金额（元）")],
                widths=[3, 8, 5, 4, 6],
                aligns=[Align.CENTER, Align.LEFT, Align.CENTER, Align.CENTER, Align.RIGHT],
                rows=rows,
                total=[
                    *(_("合计"), "", _("%(count)s 户") % {"count": len(rows)}),
                    *(str(listed.person_count), yuan(listed.amount_fen)),
                ],
            ),
            Text(_("姓名中间的字以 * 代替；名单只载明法律允许公布的内容。"), TextStyle.SMALL),
        ],
        office=full_names([county]).get(county, ""),
        day=written_day(publication.posted_on),
    )


def _lead(publication: Publication) -> str:
    if publication.kind == PublicationKind.ANNOUNCEMENT or publication.take_down_on is None:
        return _("现将本村（社区）享受%(programme)s的家庭予以公布，接受监督。") % {
            "programme": publication.get_programme_display()
        }
    last = publication.take_down_on - timedelta(days=1)
    return _(
        "现予公示，公示期自%(since)s起至%(until)s止。有异议的，请在公示期内向村（居）民委员会或者乡镇（街道）反映。%(down)s撤下。"
    ) % {
        "since": written_day(publication.posted_on),
        "until": written_day(last),
        "down": written_day(publication.take_down_on),
    }
