"""How the groups of an event are made up: templates as data, from the structures that bureaus used.

Guarantees: the groups of a template come in the order in which they are called, a leading group first; `deputies` is
how many deputies a group is expected to have, a missing one is shown as a hole. Sources: the published reports of
Dezhou (office and four groups), Weifang (a special group of the city's command), Hubei (five groups; four donation
sub-groups) and Maiji (seven groups). A bureau renames nothing here: it dissolves what it does not need.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwang.kernel.errors import NotFound

from .states_command import Duty, DutyField, GroupKind

Word = str | Promise


@dataclass(frozen=True, slots=True)
class LineShape:
    """A line of responsibility that a group is to fill."""

    field: DutyField
    what: Word
    rhythm: Word = ""


@dataclass(frozen=True, slots=True)
class GroupShape:
    """One group of a template."""

    key: str
    name: Word
    kind: GroupKind
    parent: str = ""
    duty: str = ""
    deputies: int = 0
    lines: tuple[LineShape, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupTemplate:
    """`hint` says whose structure it is. `is_whole`: it has a leading group, and an area has one such at a time."""

    key: str
    label: Word
    hint: Word
    groups: tuple[GroupShape, ...]

    @property
    def is_whole(self) -> bool:
        return any(group.kind == GroupKind.LEADING for group in self.groups)


_DAILY = gettext_lazy("每天")
_AT_ONCE = gettext_lazy("随时")

STATISTICS = LineShape(DutyField.STATISTICS, gettext_lazy("每日汇总上报"), _DAILY)
COMMUNITY = LineShape(DutyField.COMMUNITY, gettext_lazy("指导村（社区）防控"), _DAILY)
ASSISTANCE = LineShape(DutyField.ASSISTANCE, gettext_lazy("困难群众摸排和救助"), _DAILY)
CHARITY = LineShape(DutyField.CHARITY, gettext_lazy("捐赠接收、分配和公示"), _DAILY)
VOLUNTEERS = LineShape(DutyField.VOLUNTEERS, gettext_lazy("志愿者招募和派遣"), _AT_ONCE)
SUPERVISION = LineShape(DutyField.SUPERVISION, gettext_lazy("到现场督导检查"), _DAILY)

LEADING = GroupShape("leading", gettext_lazy("应急工作领导小组"), GroupKind.LEADING, deputies=2)


def _work(key: str, name: Word, *lines: LineShape, parent: str = "leading", duty: str = "") -> GroupShape:
    return GroupShape(key, name, GroupKind.WORK, parent, duty, lines=lines)


GROUP_TEMPLATES: tuple[GroupTemplate, ...] = (
    GroupTemplate(
        "office_four",
        gettext_lazy("领导小组、办公室和四个组"),
        gettext_lazy("办公室、综合组、管控组、督导组、业务工作组"),
        (
            LEADING,
            GroupShape("office", gettext_lazy("领导小组办公室"), GroupKind.OFFICE, "leading", deputies=1),
            _work("general", gettext_lazy("综合组"), STATISTICS),
            _work("control", gettext_lazy("管控组"), COMMUNITY),
            _work("supervision", gettext_lazy("督导组"), SUPERVISION),
            _work("business", gettext_lazy("业务工作组"), ASSISTANCE, CHARITY, VOLUNTEERS),
        ),
    ),
    GroupTemplate(
        "five_groups",
        gettext_lazy("领导小组和五个工作小组"),
        gettext_lazy("打破科室建制：综合、捐赠、机构防控、社区和志愿服务、督导和宣传"),
        (
            LEADING,
            _work("general", gettext_lazy("综合协调组"), STATISTICS),
            _work("donation", gettext_lazy("社会捐赠组"), CHARITY),
            _work("institutions", gettext_lazy("机构防控和救助组"), ASSISTANCE),
            _work("community", gettext_lazy("社区防控和志愿服务组"), COMMUNITY, VOLUNTEERS),
            _work("supervision", gettext_lazy("督导和宣传组"), SUPERVISION),
        ),
    ),
    GroupTemplate(
        "seven_groups",
        gettext_lazy("领导小组和七个工作组"),
        gettext_lazy("按业务条线，七个组各管一线"),
        (
            LEADING,
            _work("bureau", gettext_lazy("局机关防控工作组"), STATISTICS),
            _work(
                "institutions",
                gettext_lazy("民政服务机构防控工作组"),
                LineShape(DutyField.OTHER, gettext_lazy("养老、儿童、救助管理机构防控"), _DAILY),
            ),
            _work("community", gettext_lazy("社区群防群治工作组"), COMMUNITY),
            _work("assistance", gettext_lazy("困难群众救助工作组"), ASSISTANCE),
            _work(
                "organisations",
                gettext_lazy("社会组织防控工作组"),
                LineShape(DutyField.OTHER, gettext_lazy("社会组织引导和活动管理"), _AT_ONCE),
            ),
            _work("charity", gettext_lazy("社会捐助指导督查工作组"), CHARITY, SUPERVISION),
            _work("volunteers", gettext_lazy("志愿服务工作组"), VOLUNTEERS),
        ),
    ),
    GroupTemplate(
        "donation_four",
        gettext_lazy("社会捐赠组和四个小组"),
        gettext_lazy("接收、分配、公示、监督分开，一个人不能兼任两个小组"),
        (
            GroupShape("donation", gettext_lazy("指挥部社会捐赠组"), GroupKind.COMMAND, deputies=1),
            _work(
                "donation_receive",
                gettext_lazy("联络指导组"),
                LineShape(DutyField.CHARITY, gettext_lazy("捐赠接收"), _AT_ONCE),
                parent="donation",
                duty=Duty.RECEIVE,
            ),
            _work(
                "donation_allocate",
                gettext_lazy("综合保障组"),
                LineShape(DutyField.CHARITY, gettext_lazy("捐赠分配"), _AT_ONCE),
                parent="donation",
                duty=Duty.ALLOCATE,
            ),
            _work(
                "donation_publish",
                gettext_lazy("综合协调和信息宣传组"),
                LineShape(DutyField.CHARITY, gettext_lazy("捐赠公示"), _DAILY),
                parent="donation",
                duty=Duty.PUBLISH,
            ),
            _work(
                "donation_audit",
                gettext_lazy("舆情应对和防控督导组"),
                LineShape(DutyField.SUPERVISION, gettext_lazy("捐赠监督"), _DAILY),
                parent="donation",
                duty=Duty.AUDIT,
            ),
        ),
    ),
    GroupTemplate(
        "special_group",
        gettext_lazy("指挥部专组"),
        gettext_lazy("分管领导任组长，民政、卫健主要负责人任副组长"),
        (
            GroupShape(
                "special",
                gettext_lazy("民政服务机构疫情防控专组"),
                GroupKind.COMMAND,
                deputies=2,
                lines=(LineShape(DutyField.OTHER, gettext_lazy("民政服务机构防控"), _DAILY),),
            ),
        ),
    ),
)

_BY_KEY = {template.key: template for template in GROUP_TEMPLATES}
_DEPUTIES = {(template.key, group.key): group.deputies for template in GROUP_TEMPLATES for group in template.groups}


def get_template(key: str) -> GroupTemplate:
    """Raises NotFound."""
    if key not in _BY_KEY:
        raise NotFound(_("没有“%(key)s”这种工作组模板") % {"key": key}, reason="group.unknown_template", key=key)
    return _BY_KEY[key]


def deputies_expected(template_key: str, key: str) -> int:
    return _DEPUTIES.get((template_key, key), 0)
