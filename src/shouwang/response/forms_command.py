"""Forms of events, groups and tasks. They tidy what was typed; commands decide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.public import Role, User
from shouwang.areas.public import AreaField, area_names
from shouwang.kernel.reveal import REASONS

from .files import FILE_BYTES_MAX, IncomingFile
from .forms import InstantField, offer_documents
from .group_templates import GROUP_TEMPLATES
from .models import Event, Group, GroupMember
from .states_command import (
    DutyField,
    EventKind,
    EventLevel,
    EventState,
    MemberRole,
    TaskKind,
    TaskSource,
    TaskState,
)

_ALL: list[tuple[str, Any]] = [("", _("全部"))]
_CHOOSE: list[tuple[str, Any]] = [("", _("请选择"))]
_NOBODY: list[tuple[str, Any]] = [("", _("暂缺"))]


class EventQuery(forms.Form):
    kind = forms.ChoiceField(label=_("种类"), required=False, choices=[*_ALL, *EventKind.choices])
    state = forms.ChoiceField(label=_("状态"), required=False, choices=[*_ALL, *EventState.choices])


class EventForm(forms.Form):
    request_id = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("种类"), choices=[*_CHOOSE, *EventKind.choices])
    title = forms.CharField(label=_("名称"), max_length=100, help_text=_("例如 新冠肺炎疫情、2020年重点工作。"))
    area = AreaField(label=_("范围"), help_text=_("该区划及其以下全部进入响应。"))
    level = forms.TypedChoiceField(
        label=_("响应级别"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", _("不分级别")), *EventLevel.choices],
        help_text=_("年度重点工作不分级别，其余都要选。"),
    )
    started_at = InstantField(label=_("启动时间"))
    document = forms.ChoiceField(label=_("依据文件"), required=False)
    reason = forms.CharField(label=_("依据或原因"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    is_exercise = forms.BooleanField(label=_("这是演练，不影响实际业务"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_documents(self.fields["document"])

    def document_id(self) -> UUID | None:
        return _uuid(self.cleaned_data["document"])


class _EventStepForm(forms.Form):
    """What every change of an event says: since when, why, by which document."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    at = InstantField(label=_("自何时起"))
    reason = forms.CharField(label=_("依据或原因"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    document = forms.ChoiceField(label=_("依据文件"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_documents(self.fields["document"])

    def document_id(self) -> UUID | None:
        return _uuid(self.cleaned_data["document"])


class LevelForm(_EventStepForm):
    level = forms.TypedChoiceField(label=_("改为"), coerce=int, choices=[*_CHOOSE, *EventLevel.choices])
    field_order = ("version", "level", "at", "reason", "document")


class EndForm(_EventStepForm):
    """Ending an event."""


class GroupQuery(forms.Form):
    q = forms.CharField(label=_("名称"), required=False, max_length=60)
    area = AreaField(label=_("区划"), required=False)


class InAreaQuery(forms.Form):
    area = AreaField(label=_("区划"), required=False)


class GroupsForm(forms.Form):
    """Forming the groups of an area by a template."""

    area = AreaField(label=_("区划"), help_text=_("市、县区或乡镇（街道）。"))
    template = forms.ChoiceField(
        label=_("组成"),
        widget=forms.RadioSelect,
        choices=[(template.key, template.label) for template in GROUP_TEMPLATES],
    )
    document = forms.ChoiceField(label=_("依据文件"), required=False)
    replaces = forms.BooleanField(
        label=_("调整：先撤销这里现有的工作组"), required=False, help_text=_("成员和分工随之结束，记录保留。")
    )
    reason = forms.CharField(label=_("调整的原因"), required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_documents(self.fields["document"])

    def document_id(self) -> UUID | None:
        return _uuid(self.cleaned_data["document"])


class MemberForm(forms.Form):
    request_id = forms.UUIDField(widget=forms.HiddenInput)
    role = forms.ChoiceField(label=_("组内职务"), choices=[*_CHOOSE, *MemberRole.choices])
    user = forms.ChoiceField(
        label=_("本系统的用户"), required=False, help_text=_("加入期间可以看到这个事件的工作组和任务；事件结束即收回。")
    )
    name = forms.CharField(
        label=_("姓名"), required=False, max_length=40, help_text=_("不是本系统用户的，填姓名和单位。")
    )
    organisation = forms.CharField(label=_("单位"), required=False, max_length=100)
    title = forms.CharField(label=_("职务"), required=False, max_length=60)
    phone = forms.CharField(
        label=_("电话"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
        help_text=_("加密保存，平时遮盖显示。"),
    )

    def __init__(self, *args: Any, users: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self.fields["user"], [("", _("不是本系统用户")), *user_choices(users)])

    def user_id(self) -> UUID | None:
        return _uuid(self.cleaned_data["user"])


class LineForm(forms.Form):
    field = forms.ChoiceField(label=_("责任线"), choices=DutyField.choices)
    what = forms.CharField(label=_("负责什么"), max_length=100)
    rhythm = forms.CharField(label=_("何时"), required=False, max_length=60, help_text=_("例如 每天 17:00 前。"))
    responsible = forms.ChoiceField(label=_("责任人"), required=False)
    doer = forms.ChoiceField(label=_("承办人"), required=False, help_text=_("与责任人不能是同一个人。"))

    def __init__(self, *args: Any, members: Sequence[GroupMember], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(member.id), f"{member.name}（{member.get_role_display()}）") for member in members]
        for name in ("responsible", "doer"):
            _offer(self.fields[name], [*_NOBODY, *choices])

    def responsible_id(self) -> UUID | None:
        return _uuid(self.cleaned_data["responsible"])

    def doer_id(self) -> UUID | None:
        return _uuid(self.cleaned_data["doer"])


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("原因"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class PhoneForm(forms.Form):
    reason = forms.ChoiceField(label=_("查看原因"), choices=[*_CHOOSE, *REASONS.items()])
    note = forms.CharField(label=_("说明"), required=False, max_length=200)


class TaskQuery(forms.Form):
    q = forms.CharField(label=_("任务"), required=False, max_length=60)
    view = forms.ChoiceField(
        label=_("范围"),
        required=False,
        choices=[*_ALL, ("mine", _("等我办的")), ("given", _("本单位下达的")), ("late", _("超期的"))],
    )
    state = forms.ChoiceField(label=_("状态"), required=False, choices=[*_ALL, *TaskState.choices])
    event = forms.ChoiceField(label=_("事件"), required=False)

    def __init__(self, *args: Any, events: Iterable[Event], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self.fields["event"], [*_ALL, *((str(event.id), event.title) for event in events)])


class TaskForm(forms.Form):
    """A task, and who is given it: several units, several groups, or one or two persons."""

    request_id = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("种类"), choices=TaskKind.choices)
    title = forms.CharField(label=_("任务"), max_length=100)
    text = forms.CharField(label=_("要求"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    event = forms.ChoiceField(label=_("所属事件"), required=False)
    field = forms.ChoiceField(label=_("责任线"), choices=DutyField.choices, initial=DutyField.OTHER)
    source = forms.ChoiceField(label=_("来源"), choices=TaskSource.choices, initial=TaskSource.NONE)
    source_note = forms.CharField(
        label=_("来源说明"), required=False, max_length=200, help_text=_("例如 2月5日省厅视频调度会。")
    )
    document = forms.ChoiceField(label=_("来源文件"), required=False)
    due_at = InstantField(label=_("完成时限"))
    result_label = forms.CharField(
        label=_("结果统计什么"), required=False, max_length=40, help_text=_("例如 摸排户数。")
    )
    result_unit = forms.CharField(label=_("单位"), required=False, max_length=10)
    target = forms.IntegerField(
        label=_("每个单位的数量要求"),
        required=False,
        min_value=1,
        max_value=10_000_000,
        help_text=_("召回填应到人数。"),
    )
    units = forms.MultipleChoiceField(label=_("下达给单位"), required=False, widget=forms.CheckboxSelectMultiple)
    groups = forms.MultipleChoiceField(label=_("下达给工作组"), required=False, widget=forms.CheckboxSelectMultiple)
    responsible = forms.ChoiceField(
        label=_("责任人"), required=False, help_text=_("只下达给一个单位、一个组或直接给个人时填写。")
    )
    doer = forms.ChoiceField(label=_("承办人"), required=False)

    def __init__(
        self,
        *args: Any,
        events: Iterable[Event],
        units: Iterable[tuple[int, str]],
        groups: Iterable[Group],
        users: Iterable[User],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        listed = list(groups)
        names = area_names([group.area_code for group in listed])
        _offer(self.fields["event"], [("", _("不属于事件")), *((str(event.id), event.title) for event in events)])
        _offer(self.fields["units"], [(str(code), name) for code, name in units])
        _offer(
            self.fields["groups"],
            [
                (str(group.id), f"{names.get(group.area_code, '')} {group.name}（{group.event.title}）")
                for group in listed
            ],
        )
        self.group_areas = {group.id: group.area_code for group in listed}
        for name in ("responsible", "doer"):
            _offer(self.fields[name], [("", _("由承办单位确定")), *user_choices(users)])
        offer_documents(self.fields["document"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        recipients = len(cleaned.get("units", [])) + len(cleaned.get("groups", []))
        if recipients > 1 and (cleaned.get("responsible") or cleaned.get("doer")):
            self.add_error("responsible", _("下达给几个单位时，责任人由各单位确定"))
        return cleaned

    def chosen(self, name: str) -> UUID | None:
        return _uuid(self.cleaned_data[name])


class StepForm(forms.Form):
    """A step of an assignment: words, a quantity, the evidence."""

    request_id = forms.UUIDField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput)
    text = forms.CharField(label=_("情况"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    quantity = forms.IntegerField(label=_("本次数量"), required=False, min_value=0, max_value=10_000_000)
    file = forms.FileField(
        label=_("佐证材料（可以不传）"),
        required=False,
        help_text=_("PDF、OFD、Word、Excel、WPS 或图片，不超过 20 MB。"),
    )

    def incoming(self) -> IncomingFile | None:
        """The uploaded file, read no further than one byte past the limit."""
        upload = self.cleaned_data.get("file")
        return IncomingFile(upload.name, upload.read(FILE_BYTES_MAX + 1)) if upload else None


def user_choices(users: Iterable[User]) -> list[tuple[str, str]]:
    """Each with their first post, so that two of one name are told apart."""
    listed = list(users)
    names = area_names([user.held[0].area_code for user in listed if user.held])
    return [
        (
            str(user.id),
            f"{user.name}（{names.get(user.held[0].area_code, '')} {Role(user.held[0].role).label}）"
            if user.held
            else user.name,
        )
        for user in listed
    ]


def _offer(field: forms.Field, choices: Sequence[tuple[str, Any]]) -> None:
    cast(forms.ChoiceField, field).choices = list(choices)


def _uuid(text: str) -> UUID | None:
    return UUID(text) if text else None
