"""Forms of the standards and parameters. They tidy what was typed; commands decide."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from shouwang.areas.public import AreaField
from shouwang.kernel import clock
from shouwang.kernel.forms import DayField

from ..queries.parameter_changes import NOTICE_VALUES_MAX, ProposedNotice, ProposedValue, values_of
from ..rules.benefits.catalogue import Unit, catalogue, key_of
from ..rules.benefits.parameter_files import FOLLOW
from ..rules.benefits.parameters import ParametersRefused, read_parameters
from ..rules.monthly import month_of
from ..rules.parameter_groups import GROUPS, group_of
from ..states import NoticeVerdict, ParameterStatus
from .payments import MonthField, QueryForm

ROWS_SHOWN = 3
FILE_BYTES_MAX = 1_000_000
_ALL = [("", _("全部"))]
_GROUPS = [*_ALL, *GROUPS.items()]
_WIDTHS = {"text": 10, "article": 12}
"""In characters, so that a row fits beside the side bar."""

_UNITS = [("", _("按目录")), (Unit.PER_YEAR.value, Unit.PER_YEAR.value)]


class ParameterQuery(QueryForm):
    area = AreaField(label=_("区划"), required=False)
    month = MonthField(label=_("月份"), required=False)
    group = forms.ChoiceField(label=_("救助类别"), choices=_GROUPS, required=False)
    state = forms.ChoiceField(
        label=_("状态"),
        choices=[
            *_ALL,
            ("placeholder", _("占位")),
            ("confirmed", _("已核定")),
            ("absent", _("未设")),
            ("missing", _("缺少")),
        ],
        required=False,
    )
    q = forms.CharField(label=_("名称或代码"), max_length=40, required=False)

    def chosen_month(self) -> date:
        return self.wanted().get("month") or month_of(clock.today())


class HistoryQuery(QueryForm):
    area = AreaField(label=_("区划"), required=False)
    known_on = DayField(
        label=_("截至哪天已知"), required=False, help_text=_("看那天晚上为止认定的是什么；不填看现在。")
    )


class NoticeQuery(QueryForm):
    state = forms.ChoiceField(
        label=_("办理状态"), choices=[*_ALL, ("waiting", _("等待确认")), *NoticeVerdict.choices], required=False
    )


def _key_choices() -> list[tuple[Any, Any]]:
    """The catalogue by programme, each with its unit."""
    by_group: dict[str, list[tuple[str, str]]] = {group: [] for group in GROUPS}
    for key, entry in catalogue().items():
        by_group[group_of(key)].append((key, f"{entry.label}（{entry.unit.value}）"))
    blank: tuple[Any, Any] = ("", _("请选择"))
    return [blank, *((GROUPS[group], keys) for group, keys in by_group.items())]


class ValueForm(forms.Form):
    """One value. A row without a key is no row."""

    key = forms.ChoiceField(label=_("标准"), required=False)
    area = forms.TypedChoiceField(label=_("地区"), coerce=int, required=False, empty_value=None)
    text = forms.CharField(label=_("数值"), max_length=40, required=False)
    unit = forms.ChoiceField(label=_("单位"), choices=_UNITS, required=False)
    article = forms.CharField(label=_("条款"), max_length=100, required=False)
    status = forms.ChoiceField(label=_("状态"), choices=ParameterStatus.choices)

    def __init__(self, *args: Any, areas: Sequence[tuple[int, str]], number: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].choices = _key_choices()  # type: ignore[attr-defined]
        self.fields["area"].choices = areas  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            css = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
            field.widget.attrs |= {"class": css, "aria-label": f"第 {number + 1} 行 {field.label}"}
            if name in _WIDTHS:
                field.widget.attrs["size"] = _WIDTHS[name]
        self.fields["text"].widget.attrs["list"] = "parameter-choices"

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = self.cleaned_data
        if values.get("key") and not values.get("text", "").strip():
            self.add_error("text", ValidationError(_("请填写数值；不再另定的填“随上级”。"), code="missing"))
        if values.get("text", "").strip() and not values.get("key") and "key" not in self.errors:
            self.add_error("key", ValidationError(_("请选择标准。"), code="missing"))
        return values

    def proposed(self, valid_from: date) -> ProposedValue | None:
        values = self.cleaned_data
        if not values["key"]:
            return None
        text = values["text"].strip()
        return ProposedValue(
            key=values["key"],
            area_code=values["area"],
            valid_from=valid_from,
            text=None if text == FOLLOW else text,
            unit=values["unit"] or key_of(values["key"]).unit.value,
            source_article=values["article"].strip(),
            status=values["status"],
        )


class _Values(BaseFormSet):
    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return super().get_form_kwargs(index) | {"number": index or 0}


ValueForms = formset_factory(ValueForm, formset=_Values, extra=0, max_num=200, absolute_max=200)


class NoticeForm(forms.Form):
    request_id = forms.UUIDField(widget=forms.HiddenInput)
    checked = forms.CharField(widget=forms.HiddenInput, required=False)
    drafted = forms.CharField(widget=forms.HiddenInput, required=False)
    area = forms.TypedChoiceField(label=_("发布地区"), coerce=int)
    number = forms.CharField(label=_("文号"), max_length=100, help_text=_("标准依据的文件，例如 潍民〔2020〕12号。"))
    title = forms.CharField(label=_("文件标题"), max_length=200)
    document = forms.ChoiceField(label=_("已登记的文件"), required=False)
    effective_on = DayField(label=_("执行日期"), help_text=_("从这天起算；发放月份看当月 1 日执行的标准。"))
    is_retroactive = forms.BooleanField(
        label=_("追溯或更正"),
        required=False,
        help_text=_("执行日期早于已经发放的月份，或者改正已有的值；差额要补发或追回。"),
    )
    file = forms.FileField(
        label=_("参数文件"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml"}),
        help_text=_("YAML 文件，内容读到下面的框里，可以再改。"),
    )
    yaml = forms.CharField(
        label=_("参数文件内容"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "class": "font-monospace", "spellcheck": "false"}),
        help_text=_("文件里写了起始日期、文号、状态的，以文件为准。"),
    )
    announcement = forms.CharField(
        label=_("公告文本"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text=_("按上面的数值写成，可以修改；确认后可以打印、公布。"),
    )

    def __init__(
        self,
        *args: Any,
        areas: Sequence[tuple[int, str]],
        documents: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].choices = areas  # type: ignore[attr-defined]
        self.fields["document"].choices = [("", _("没有登记")), *documents]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = self.cleaned_data
        sent = values.get("file")
        if sent:
            values["yaml"] = self._text_of(sent)
        if values.get("yaml", "").strip():
            try:
                values["rows"] = read_parameters(values["yaml"], where=sent.name if sent else str(_("参数文件")))
            except ParametersRefused as refusal:
                problems = refusal.data["problems"]
                assert isinstance(problems, tuple)
                self.add_error("yaml", [ValidationError(problem, code=refusal.reason) for problem in problems])
        return values

    def _text_of(self, sent: Any) -> str:
        content: bytes = sent.read(FILE_BYTES_MAX + 1)
        if len(content) > FILE_BYTES_MAX:
            self.add_error("file", ValidationError(_("参数文件不能超过 1 MB。"), code="too_large"))
            return ""
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            self.add_error("file", ValidationError(_("参数文件应为 UTF-8 编码的文本。"), code="encoding"))
            return ""

    def proposed(self, values: BaseFormSet[ValueForm]) -> ProposedNotice:
        """The notice that form and rows ask for. Raises ValidationError when they hold no value at all."""
        head = self.cleaned_data
        typed = [value for form in values if (value := form.proposed(head["effective_on"])) is not None]
        typed += values_of(head.get("rows", ()))
        if not 0 < len(typed) <= NOTICE_VALUES_MAX:
            raise ValidationError(_("至少填写一项标准，或者上传参数文件。"), code="empty")
        return ProposedNotice(
            number=head["number"],
            title=head["title"],
            area_code=head["area"],
            effective_on=head["effective_on"],
            values=tuple(typed),
            announcement=head["announcement"].replace("\r\n", "\n"),
            is_retroactive=head["is_retroactive"],
            document_id=UUID(head["document"]) if head["document"] else None,
        )


class DecideForm(forms.Form):
    reason = forms.CharField(
        label=_("意见"),
        required=False,
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("退回时必须写明理由。"),
    )


def digest_of(words: object) -> str:
    """Tells whether what is proposed is what was checked."""
    return hashlib.sha256(repr(words).encode()).hexdigest()[:16]


def posted(data: Mapping[str, Any], changes: Mapping[str, str]) -> dict[str, Any]:
    """What was sent, with some fields as the server now wants them shown."""
    return {**{key: data[key] for key in data}, **changes}
