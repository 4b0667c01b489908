"""Forms of the register. They tidy what was typed; rules and commands decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _

from shouwang.areas.public import AreaField
from shouwang.kernel import reveal
from shouwang.kernel.disability import KIND_WORDS, LEVEL_WORDS
from shouwang.kernel.forms import DayField, YuanField

from .commands.accounts import AccountDetails
from .filters import household_filters
from .queries.as_of import Member
from .rules.person import PersonDetails
from .rules.values import FactValue
from .states import (
    FLAG_KINDS,
    MONEY_KINDS,
    SELF_CARE_MAX,
    SET_KINDS,
    CareMode,
    Category,
    HouseholdFactKind,
    Need,
    NoIdReason,
    OrganisationKind,
    PersonFactKind,
    Relation,
    Sex,
)

_NONE_YET = [("", _("请选择"))]
BUT_HEAD = [*_NONE_YET, *(choice for choice in Relation.choices if choice[0] != Relation.HEAD)]
_BY_HAND = [kind for kind in PersonFactKind if kind not in {PersonFactKind.DEATH, PersonFactKind.DISABILITY}]
_CODE_CHOICES: dict[str, list[tuple[str, Any]]] = {
    PersonFactKind.CATEGORY: list(Category.choices),
    PersonFactKind.NEED: list(Need.choices),
    PersonFactKind.CARE_MODE: list(CareMode.choices),
    PersonFactKind.DISABILITY: [
        (f"{int(kind)}{level}", format_lazy("{}{}", _(words), _(level_words)))
        for kind, words in KIND_WORDS.items()
        for level, level_words in LEVEL_WORDS.items()
    ],
}


class RequestForm(forms.Form):
    """A form whose request id makes a double click one command, and whose version refuses a stale page."""

    request_id = forms.UUIDField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class FilterQuery(forms.Form):
    """The drop-downs that higher apps offer above the list of households."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in household_filters():
            choices = [("", _("全部")), *one.choices]
            self.fields[one.key] = forms.ChoiceField(label=one.label, choices=choices, required=False)


class ListQuery(forms.Form):
    q = forms.CharField(
        label=_("关键词"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"placeholder": _("姓名、拼音、完整证件号或电话")}),
    )
    area = AreaField(label=_("区划"), required=False)


class PersonForm(forms.Form):
    """What a person is; `details` once it is valid."""

    name = forms.CharField(label=_("姓名"), max_length=64)
    id_number = forms.CharField(label=_("身份证号"), required=False, max_length=24, help_text=_("18位，末位可以是X。"))
    no_id_reason = forms.ChoiceField(
        label=_("没有身份证号的原因"), required=False, choices=[*_NONE_YET, *NoIdReason.choices]
    )
    sex = forms.ChoiceField(label=_("性别"), required=False, choices=[("", _("按身份证号")), *Sex.choices])
    birth_on = DayField(label=_("出生日期"), required=False)
    phone = forms.CharField(label=_("联系电话"), required=False, max_length=24)
    disability_certificate = forms.CharField(label=_("残疾人证号"), required=False, max_length=32)

    def details(self) -> PersonDetails:
        values = self.cleaned_data
        return PersonDetails(**{name: values[name] for name in PersonForm.base_fields})


class MemberForm(PersonForm):
    relation = forms.ChoiceField(label=_("与户主关系"), choices=[*_NONE_YET, *Relation.choices])
    use_registered = forms.BooleanField(label=_("选用这条记录，不另建"), required=False)
    offer: Any = None
    """Whose number it is, set by `views.picking` when it is somebody's already."""
    field_order = ["relation", "name"]


class HouseholdForm(RequestForm):
    area = AreaField(label=_("居住地"), help_text=_("选到村（社区）；可以输入名字、拼音首字母或12位代码。"))
    registered_on = DayField(label=_("登记日期"))
    is_urban = forms.ChoiceField(label=_("城乡"), choices=[("0", _("农村")), ("1", _("城镇"))])


class AddMemberForm(RequestForm, MemberForm):
    since = DayField(label=_("从哪天起"))
    field_order = ["relation", "since", "name"]

    def __init__(self, *args: Any, has_head: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_head:
            self.fields["relation"] = forms.ChoiceField(label=_("与户主关系"), choices=BUT_HEAD)
            self.order_fields(["relation", "since", "name"])


class RelationForm(RequestForm):
    """What a member is to the head; the head itself is changed by HeadForm."""

    relation = forms.ChoiceField(label=_("与户主关系"), choices=BUT_HEAD)
    valid_from = DayField(label=_("从哪天起"))
    source = forms.CharField(label=_("依据或说明"), max_length=60, help_text=_("例如：户口簿、入户调查。"))


class HeadForm(RequestForm):
    """Another head, and what every other member is to them; `proposed` by person."""

    valid_from = DayField(label=_("从哪天起"))
    source = forms.CharField(label=_("依据或说明"), max_length=60, help_text=_("例如：户口簿、死亡证明。"))

    def __init__(self, *args: Any, others: Sequence[Member], proposed: Mapping[UUID, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._others = others
        for member in others:
            self.fields[member.person_id.hex] = forms.ChoiceField(
                label=text("%(name)s 与新户主的关系") % {"name": member.name},
                choices=BUT_HEAD,
                initial=proposed.get(member.person_id, ""),
            )

    def relations(self) -> dict[UUID, str]:
        return {member.person_id: self.cleaned_data[member.person_id.hex] for member in self._others}


class LeaveForm(RequestForm):
    """A member leaves: for nowhere that is registered here, or for another household by its number."""

    household = forms.CharField(
        label=_("迁入哪一户"),
        required=False,
        max_length=24,
        help_text=_("本地的户编号，如 H00000012；迁往别处请留空。"),
    )
    relation = forms.ChoiceField(label=_("与那一户户主的关系"), required=False, choices=BUT_HEAD)
    valid_from = DayField(label=_("从哪天起"))
    source = forms.CharField(label=_("依据或说明"), max_length=60, help_text=_("例如：迁移证、结婚、外出。"))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("household") and not values.get("relation"):
            self.add_error("relation", _("请选择在那一户中与户主的关系"))
        return values


class CertificateForm(RequestForm):
    number = forms.CharField(
        label=_("残疾人证号"), max_length=32, help_text=_("20位：身份证号加类别、等级；补发的后面有 B1、B2。")
    )
    kind = forms.TypedChoiceField(
        label=_("证上写的类别"),
        choices=[("", _("不核对")), *((int(kind), _(words)) for kind, words in KIND_WORDS.items())],
        coerce=int,
        empty_value=None,
        required=False,
    )
    level = forms.TypedChoiceField(
        label=_("证上写的等级"),
        choices=[("", _("不核对")), *((level, _(words)) for level, words in LEVEL_WORDS.items())],
        coerce=int,
        empty_value=None,
        required=False,
    )
    since = DayField(label=_("从哪天起"))
    source = forms.CharField(label=_("依据或说明"), max_length=60, help_text=_("例如：验看证件原件。"))


class NeedForm(forms.Form):
    """One need, added or taken away from today on."""

    need = forms.ChoiceField(label=_("需求"), choices=Need.choices)
    is_needed = forms.TypedChoiceField(choices=[("1", "1"), ("0", "0")], coerce=lambda value: value == "1")


class CorrectPersonForm(RequestForm, PersonForm):
    reason = forms.CharField(label=_("更正依据"), max_length=60)


class MoveForm(RequestForm):
    area = AreaField(label=_("新的居住地"))
    moved_on = DayField(label=_("从哪天起"))
    reason = forms.CharField(label=_("依据或说明"), max_length=60)


class FactForm(RequestForm):
    """One fact of one kind; the field of its value follows from the kind."""

    valid_from = DayField(label=_("从哪天起"))
    is_over = forms.BooleanField(label=_("从这天起不再有"), required=False)
    source = forms.CharField(label=_("依据或说明"), max_length=60, help_text=_("例如：入户调查、核对报告。"))

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.fields["value"] = _value_field(kind)
        self.order_fields(["value", "valid_from"])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not values.get("is_over") and values.get("value") in (None, "", []) and "value" not in self.errors:
            self.add_error("value", _("请填写，或勾选“从这天起不再有”"))
        return values

    def fact_value(self) -> FactValue | None:
        value = self.cleaned_data["value"]
        if self.cleaned_data["is_over"]:
            return None
        return ",".join(value) if isinstance(value, list) else value


class KindForm(forms.Form):
    """Which kind of fact is to be recorded."""

    kind = forms.ChoiceField(label=_("登记什么"), choices=[(kind.value, kind.label) for kind in _BY_HAND])


class DeathForm(RequestForm):
    died_on = DayField(label=_("死亡日期"))
    source = forms.CharField(label=_("依据"), max_length=60, help_text=_("例如：死亡证明、村委会证明。"))


class AccountForm(RequestForm):
    bank_name = forms.CharField(label=_("开户银行"), max_length=64)
    number = forms.CharField(label=_("银行账号"), max_length=40, widget=forms.TextInput(attrs={"inputmode": "numeric"}))
    holder_name = forms.CharField(label=_("户名"), max_length=64)
    agreement = forms.CharField(
        label=_("代领协议"), required=False, max_length=128, help_text=_("户名不是本人时，写明协议的日期和编号。")
    )
    valid_from = DayField(label=_("从哪天起"))

    def details(self) -> AccountDetails:
        return AccountDetails(
            **{name: self.cleaned_data[name] for name in ("number", "bank_name", "holder_name", "agreement")}
        )


class RevealForm(forms.Form):
    reason = forms.ChoiceField(label=_("查看原因"), choices=list(reveal.REASONS.items()))
    note = forms.CharField(label=_("说明"), required=False, max_length=200, help_text=_("选“其他”时必填。"))


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("理由"), max_length=200)


class TransferForm(RequestForm):
    id_number = forms.CharField(label=_("身份证号"), max_length=24, help_text=_("要填完整的18位。"))
    area = AreaField(label=_("现居住地"))
    with_household = forms.TypedChoiceField(
        label=_("移交范围"),
        choices=[("1", _("整户")), ("0", _("本人"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )
    moved_on = DayField(label=_("从哪天起居住在本地"))
    reason = forms.CharField(label=_("移交理由"), max_length=200)


class AnswerForm(forms.Form):
    answer = forms.CharField(label=_("答复"), required=False, max_length=200)


class OrganisationForm(RequestForm):
    name = forms.CharField(label=_("机构名称"), max_length=100)
    kind = forms.ChoiceField(label=_("机构类型"), choices=OrganisationKind.choices, initial=OrganisationKind.OTHER)
    credit_code = forms.CharField(label=_("统一社会信用代码"), required=False, max_length=24)
    area = AreaField(label=_("所在地"))
    contact_name = forms.CharField(label=_("联系人"), required=False, max_length=64)
    contact_phone = forms.CharField(label=_("联系电话"), required=False, max_length=24)


def _value_field(kind: str) -> forms.Field:
    if kind in MONEY_KINDS:
        return YuanField(label=_("每月金额（元）"), required=False)
    if kind == HouseholdFactKind.URBAN:
        return _integer_choice([("1", _("城镇")), ("0", _("农村"))])
    if kind in FLAG_KINDS:
        return _integer_choice([("1", _("是")), ("0", _("否"))])
    if kind == HouseholdFactKind.TIER:
        return _integer_choice([("1", _("一类")), ("2", _("二类")), ("3", _("三类")), ("4", _("四类"))])
    if kind == PersonFactKind.SELF_CARE:
        label = _("不能自理的项数（吃饭、穿衣、上下床、如厕、室内行走、洗澡）")
        return forms.IntegerField(label=label, required=False, min_value=0, max_value=SELF_CARE_MAX)
    choices = _CODE_CHOICES[kind]
    if kind in SET_KINDS:
        return forms.MultipleChoiceField(
            label=_("选择（可多选）"), choices=choices, required=False, widget=forms.CheckboxSelectMultiple
        )
    return forms.ChoiceField(label=_("选择"), choices=[*_NONE_YET, *choices], required=False)


def _integer_choice(choices: list[tuple[str, Any]]) -> forms.Field:
    return forms.TypedChoiceField(
        label=_("选择"), choices=choices, coerce=int, empty_value=None, required=False, widget=forms.RadioSelect
    )
