"""One page with every component and sample values, to look at and to test. Routed in DEBUG and in tests only."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _

from shouwang.kernel import clock
from shouwang.kernel.errors import StateConflict

from .templatetags.display import count as count_text
from .templatetags.display import wan_yuan
from .tiles.layout import made_layouts

OPENED_AT = clock.instant(2020, 3, 18, 8)

STATUSES = (
    ("草稿", "neutral"),
    ("乡镇初审", "waiting"),
    ("家境核对", "progress"),
    ("已批准", "done"),
    ("已停发", "stopped"),
    ("超期", "overdue"),
)
TOWNSHIPS = ("固堤街道", "高里街道", "朱里街道", "泊子镇", "开元街道", "寒亭街道")
SURNAMES = "张陈林杨徐赵郭朱马黄"
PROGRAMMES = ("最低生活保障", "特困人员供养", "临时救助")


class SampleQuery(forms.Form):
    keyword = forms.CharField(label=_("关键词"), required=False)
    programme = forms.ChoiceField(
        label=_("救助类别"), choices=[("", _("全部")), *((p, p) for p in PROGRAMMES)], required=False
    )
    state = forms.ChoiceField(
        label=_("办理状态"), choices=[("", _("全部")), *((s, s) for s, tone in STATUSES)], required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["keyword"].widget.attrs["placeholder"] = _("姓名、受理编号或完整证件号")


class SampleForm(forms.Form):
    name = forms.CharField(label=_("申请人"))
    id_number = forms.CharField(label=_("身份证号"), help_text=_("18 位，末位可以是 X。"))
    area = forms.CharField(
        label=_("居住地"),
        widget=forms.TextInput(attrs={"data-area-picker": ""}),
        help_text=_("可以输入村（社区）的名字、拼音首字母，或 12 位代码。"),
    )
    amount = forms.CharField(
        label=_("救助金额（元）"), widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "num"})
    )
    cause = forms.ChoiceField(
        label=_("困难原因"), choices=[("illness", _("重病")), ("isolation", _("隔离停工")), ("other", _("其他"))]
    )
    mode = forms.ChoiceField(
        label=_("发放方式"),
        choices=[("bank", _("银行卡")), ("cash", _("现金"))],
        widget=forms.RadioSelect,
        initial="bank",
    )
    proxy = forms.BooleanField(label=_("由他人代办"), required=False)
    reason = forms.CharField(label=_("申请理由"), widget=forms.Textarea(attrs={"rows": 3}))
    workbook = forms.FileField(label=_("附件"), required=False, help_text=_("xlsx、xls、ods 或 csv，不超过 64 MB。"))


def sample_rows(total: int) -> list[SimpleNamespace]:
    rows = []
    for i in range(total):
        label, tone = STATUSES[i % len(STATUSES)]
        rows.append(
            SimpleNamespace(
                number=f"LS2020{i:06d}",
                name=SURNAMES[i % len(SURNAMES)] + ("永福", "秀英", "建国")[i % 3],
                id_number=f"999703{1950 + i % 50}0101{1486 + i:04d}",
                township=TOWNSHIPS[i % len(TOWNSHIPS)],
                programme=PROGRAMMES[i % len(PROGRAMMES)],
                label=label,
                tone=tone,
                people=1 + i % 5,
                amount_fen=45_300 + 61_750 * (i % 37),
                accepted_at=OPENED_AT - timedelta(hours=3 * i),
            )
        )
    return rows


def sample_moves() -> list[SimpleNamespace]:
    return [
        SimpleNamespace(title="县区审批", at=OPENED_AT, who="李敏", text="同意，按先行救助发放。", tone="done"),
        SimpleNamespace(
            title="入户调查",
            at=OPENED_AT - timedelta(days=1),
            who="刘伟",
            text="经两名工作人员入户核实，家庭情况与申报一致。",
            tone="progress",
        ),
        SimpleNamespace(title="受理申请", at=OPENED_AT - timedelta(days=2), who="王建国", text="", tone="neutral"),
    ]


WEIFANG = 370_700_000_000_000
HANTING = 370_703_000_000_000


def sample_tiles() -> dict[str, list[dict[str, Any]]]:
    """A map laid out by hand, one of a change, with both signs, and one that is packed by code; synthetic values."""
    places = made_layouts()[WEIFANG]
    people, change = [], []
    for number, (code, name) in enumerate(sorted(places.names.items())):
        count = None if name == "综合保税" else 0 if name == "滨海" else 37 * (number * 7 % 16) ** 2 + 41
        people.append(
            {"code": code, "name": name, "value": count, "shown": count_text(count), "url": "#rows" if count else ""}
        )
        fen = (number * 5 % 16 - 5) * 1_234_500
        change.append({"code": code, "name": name, "value": fen, "shown": wan_yuan(fen), "url": ""})
    packed = [
        {
            "code": HANTING + (number + 1) * 10**6,
            "name": name,
            "value": 40 + 31 * number,
            "shown": str(40 + 31 * number),
        }
        for number, name in enumerate(TOWNSHIPS)
    ]
    return {"people": people, "change": change, "packed": packed}


def styleguide(request: HttpRequest) -> HttpResponse:
    """GET shows all; POST answers with the sample form's errors, as a page does."""
    form = SampleForm(request.POST, request.FILES) if request.method == "POST" else SampleForm()
    context = {
        "query": SampleQuery(request.GET),
        "form": form,
        "page": Paginator(sample_rows(132), 8).get_page(request.GET.get("page")),
        "statuses": STATUSES,
        "moves": sample_moves(),
        "steps": [
            {"label": "受理", "state": "done", "note": "03-16"},
            {"label": "入户调查", "state": "done", "note": "03-17"},
            {"label": "审批", "state": "current", "note": "还剩 2 个工作日"},
            {"label": "发放", "state": "todo"},
            {"label": "补齐材料", "state": "todo"},
        ],
        "opened_at": OPENED_AT,
        "tiles": sample_tiles(),
        "weifang": WEIFANG,
        "hanting": HANTING,
    }
    return render(request, "web/styleguide.html", context, status=422 if form.errors else 200)


def refuse(request: HttpRequest) -> HttpResponse:
    """A refusal, as a command raises it."""
    raise StateConflict(f"{request.GET.get('number', 'LS2020000001')} 已由 李敏 批准，不能再次批准。请刷新后查看。")


def areas(request: HttpRequest) -> JsonResponse:
    """A small area tree for the picker."""
    parent = request.GET.get("parent", "")
    names = {"": ("山东省",), "37": ("潍坊市",), "3707": ("寒亭区",), "370703": TOWNSHIPS}.get(parent, ())
    codes = {"": ["37"], "37": ["3707"], "3707": ["370703"]}.get(parent, [f"{parent}{i:03d}000" for i in range(1, 7)])
    results = [
        {"code": code, "name": name, "path": f"山东省 / 潍坊市 / {name}", "has_children": parent != "370703"}
        for code, name in zip(codes, names, strict=False)
    ]
    return JsonResponse({"results": results})


urlpatterns = [
    path("styleguide/", styleguide, name="styleguide"),
    path("styleguide/refuse/", refuse, name="styleguide_refuse"),
    path("styleguide/areas/", areas, name="styleguide_areas"),
]
