"""Forms of registration: a household at an address, its members row by row. They tidy what was typed; commands decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _

from shouwang.registry.public import NoIdReason, PersonDetails

from ..commands.registrations import NOTE_LENGTH_MAX, SentMember, SentRegistration
from ..models import Estate
from ..queries.estates_public import building_names
from ..rules.addresses import LENGTH_MAX
from ..rules.codes import CODE_LENGTH
from ..states import EstateKind, RegistrationSource, RegistrationState
from ..states_residents import MEMBERS_MAX
from .health import HealthForm

_NO_REASON = [("", _("有身份证号")), *NoIdReason.choices]
_BY_THE_COMMUNITY = [
    (RegistrationSource.PROXY.value, _("当面代办")),
    (RegistrationSource.PHONE.value, _("电话登记")),
]


class MemberForm(HealthForm):
    """One person: typed, or a record of the register (`person_id`, whose name is shown and not typed)."""

    person_id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("姓名"), max_length=64, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    id_number = forms.CharField(
        label=_("身份证号"),
        required=False,
        max_length=24,
        help_text=_("18 位，末位可以是 X。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
    )
    no_id_reason = forms.ChoiceField(label=_("没有身份证号的原因"), required=False, choices=_NO_REASON)
    known_name = ""
    """Of the register's record, for the page."""

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if values.get("person_id"):
            return values
        if not (values.get("name") or "").strip():
            self.add_error("name", text("请填写姓名"))
        if not (values.get("id_number") or "").strip() and not values.get("no_id_reason"):
            self.add_error("id_number", text("请填写身份证号；没有的，选明原因"))
        return values

    def member(self, *, may_know: bool) -> SentMember:
        """`may_know`: whether the sender may name a record of the register."""
        values = self.cleaned_data
        if may_know and values["person_id"]:
            return SentMember(person_id=values["person_id"], declared=self.declared())
        number = values["id_number"].strip()
        details = PersonDetails(values["name"], number, "" if number else values["no_id_reason"])
        return SentMember(details, declared=self.declared())


class _Members(BaseFormSet):  # type: ignore[type-arg]  # no subscript at run time
    is_asked = False

    def add_fields(self, form: MemberForm, index: int | None) -> None:
        super().add_fields(form, index)
        form.is_asked = self.is_asked


_MemberForms = formset_factory(
    MemberForm, formset=_Members, extra=0, min_num=1, max_num=MEMBERS_MAX, validate_min=True, validate_max=True,
    absolute_max=MEMBERS_MAX,
)  # fmt: skip
PREFIX = "members"


def members_form(
    data: Mapping[str, Any] | None, *, is_asked: bool, initial: Sequence[Mapping[str, Any]] = ()
) -> BaseFormSet[MemberForm]:
    rows = [dict(one) for one in initial]
    if data is None:
        made = _MemberForms(initial=rows, prefix=PREFIX)
    else:
        made = _MemberForms(data, prefix=PREFIX)
        for form in made.forms:
            form.empty_permitted = False
    made.is_asked = is_asked
    return made


@dataclass(frozen=True, slots=True)
class RowAsked:
    """A button of the form that changes its rows and sends nothing: one more (`removed` None), or one less."""

    removed: int | None


def row_asked(data: Mapping[str, str]) -> RowAsked | None:
    if "add_row" in data:
        return RowAsked(None)
    for key in data:
        name, _dash, number = key.rpartition("-")
        if name == "remove_row" and number.isdecimal():
            return RowAsked(int(number))
    return None


def typed_rows(data: Any, asked: RowAsked | None) -> list[dict[str, Any]]:
    """What stands in the rows by now, one more or one less: the page is drawn again with it, nothing is checked yet."""
    total = data.get(f"{PREFIX}-TOTAL_FORMS", "1")
    count = min(int(total), MEMBERS_MAX) if str(total).isdecimal() else 1
    rows = []
    for position in range(count):
        row: dict[str, Any] = {
            name: data.get(f"{PREFIX}-{position}-{name}", "") for name in MemberForm.base_fields if name != "symptoms"
        }
        row["symptoms"] = data.getlist(f"{PREFIX}-{position}-symptoms")
        rows.append(row)
    if asked is not None and asked.removed is None and len(rows) < MEMBERS_MAX:
        rows.append({})
    elif asked is not None and asked.removed is not None and len(rows) > 1 and asked.removed < len(rows):
        del rows[asked.removed]
    return rows


class HouseholdForm(forms.Form):
    """Address, phone and the word of consent. A building is chosen where the community has counted its buildings."""

    request_id = forms.UUIDField(widget=forms.HiddenInput)
    building = forms.CharField(label=_("楼号"), max_length=LENGTH_MAX, help_text=_("例如 3 号楼写 3。"))
    room = forms.CharField(label=_("单元和房号"), max_length=LENGTH_MAX, help_text=_("例如 2单元502。"))
    phone = forms.CharField(
        label=_("联系电话"),
        max_length=24,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )
    agrees = forms.BooleanField(label=_("我已阅读，同意为上面的用途登记全家的信息"))

    def __init__(self, *args: Any, estate: Estate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = building_names(estate)
        if names:
            choices = [("", _("请选择")), *((name, name) for name in names)]
            label = _("楼栋") if estate.kind == EstateKind.INSTITUTION else _("楼号")
            self.fields["building"] = forms.ChoiceField(label=label, choices=choices)

    def sent(self, estate: Estate, members: BaseFormSet[MemberForm], *, may_know: bool = False) -> SentRegistration:
        values = self.cleaned_data
        return SentRegistration(
            estate_id=estate.id,
            building=values["building"],
            room=values["room"],
            phone=values.get("phone", ""),
            members=tuple(form.member(may_know=may_know) for form in members.forms),
        )


class ProxyForm(HouseholdForm):
    """The community for a household: without a phone too, and how it was told."""

    source = forms.ChoiceField(label=_("登记方式"), choices=_BY_THE_COMMUNITY)
    note = forms.CharField(
        label=_("说明"), required=False, max_length=NOTE_LENGTH_MAX, help_text=_("电话登记的写明由谁接听。")
    )
    field_order = ["source", "building", "room", "phone", "note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].required = False
        self.fields["phone"].help_text = _("没有电话可以空着。")
        self.fields["agrees"].label = _("已当面或者在电话里说明用途和保存期限，本人同意")


class FindForm(forms.Form):
    """Where a proxy registration begins: the estate, and an ID number if there is a card."""

    estate = forms.TypedChoiceField(label=_("小区"), coerce=int)
    id_number = forms.CharField(
        label=_("身份证号"),
        required=False,
        max_length=24,
        help_text=_("底册中有这个人的，全家的姓名和证件号自动带出，不用再填；没有身份证的空着。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, estates: Sequence[Estate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["estate"].choices = [(one.id, one.name) for one in estates]  # type: ignore[attr-defined]


class SheetForm(forms.Form):
    request_id = forms.UUIDField(widget=forms.HiddenInput)
    estate = forms.TypedChoiceField(label=_("小区"), coerce=int)
    file = forms.FileField(
        label=_("表格"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.ods,.csv"}),
        help_text=_("一人一行，至少有楼号、房号、姓名、身份证号；没有身份证号的写明原因。"),
    )
    agrees = forms.BooleanField(label=_("表中的住户都已告知用途和保存期限"))

    def __init__(self, *args: Any, estates: Sequence[Estate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["estate"].choices = [("", _("请选择")), *((one.id, one.name) for one in estates)]  # type: ignore[attr-defined]


class RegistrationQuery(forms.Form):
    """The query bar of the list."""

    state = forms.ChoiceField(label=_("状态"), required=False, choices=[("", _("全部")), *RegistrationState.choices])
    estate = forms.TypedChoiceField(label=_("小区"), required=False, coerce=int, empty_value=None)
    building = forms.CharField(label=_("楼号"), required=False, max_length=LENGTH_MAX)
    q = forms.CharField(label=_("姓名或房号"), required=False, max_length=40)

    def __init__(self, *args: Any, estates: Sequence[Estate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["estate"].choices = [("", _("全部")), *((one.id, one.name) for one in estates)]  # type: ignore[attr-defined]


class StepForm(forms.Form):
    """One step of a registration: with the version that was seen, and what the step says."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(label=_("说明"), required=False, max_length=NOTE_LENGTH_MAX)
    building = forms.CharField(label=_("楼号"), required=False, max_length=LENGTH_MAX)
    room = forms.CharField(label=_("单元和房号"), required=False, max_length=LENGTH_MAX)


class EstateQuery(forms.Form):
    q = forms.CharField(
        label=_("小区名称"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )


class OwnPageForm(forms.Form):
    """The way to the own page."""

    code = forms.CharField(
        label=_("登记码"),
        max_length=CODE_LENGTH + 8,
        help_text=_("提交登记后显示的 8 位码，例如 ABCD-2345。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    tail = forms.CharField(
        label=_("身份证号后四位"),
        max_length=4,
        min_length=4,
        help_text=_("家里任何一个人的；全家都没有身份证号的，填联系电话后四位。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
    )


def chosen_ids(values: Sequence[str]) -> list[UUID]:
    """Ids that were ticked; what is no id is left out."""
    found = []
    for value in values:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found
