"""The command of the demo's epidemic: the event and its level, the groups of the city and of two counties with a few
holes, a score of tasks of which some are late, and the year's key tasks on the same system.

What the published report tells is followed in its shape (an office and groups, staff recalled early, homes closed);
names, numbers and dates of tasks are made up and marked 演示.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from functools import partial
from typing import NamedTuple
from uuid import UUID

from shouwang.accounts.public import Role
from shouwang.kernel.actor import Actor
from shouwang.kernel.ids import new_id
from shouwang.response.public import (
    Group,
    NewEvent,
    NewPlace,
    NewTask,
    Recipient,
    Said,
    Task,
    add_member,
    assign_line,
    change_level,
    form_groups,
    give_task,
    open_event,
    take_step,
)

from .city.people import PHONE_PREFIX
from .diary import Diary, moment
from .town import Town

STAGE = "应急指挥"
HANTING, ANQIU, GUDI = 370703_000_000_000, 370784_000_000_000, 370703_003_000_000
_COUNTIES = (HANTING, ANQIU)


class Outsider(NamedTuple):
    """Somebody who is no user of the system."""

    name: str
    organisation: str
    title: str


class Order(NamedTuple):
    """A task as the city gave it to its first `units`, and how far they came: the last `late` of them did not report."""

    title: str
    field: str
    given: datetime
    due: datetime
    answered: date
    units: int = 16
    late: int = 0
    confirmed: bool = True
    note: str = ""
    result: tuple[str, str] = ("", "")


_ORDERS: tuple[Order, ...] = (
    Order(
        "核查外来人员较多的养老机构（演示）", "other", moment(date(2020, 1, 27), 9), moment(date(2020, 1, 29), 18),
        date(2020, 1, 28), units=4, note="1月26日省厅视频调度会（演示）", result=("核查机构数", "家"),
    ),
    Order(
        "摸排分散供养特困人员照料情况（演示）", "assistance", moment(date(2020, 3, 12), 9), moment(date(2020, 3, 16), 17),
        date(2020, 3, 14), late=3, confirmed=False, note="3月11日疫情调度会（演示）", result=("摸排人数", "人"),
    ),
    Order(
        "核对村（社区）值守人员名单（演示）", "community", moment(date(2020, 3, 16), 9), moment(date(2020, 3, 20), 17),
        date(2020, 3, 17), late=12, confirmed=False,
    ),
)  # fmt: skip

_KEY_TASKS = (
    ("民政事业发展规划、养老服务规划、殡葬设施规划（演示）", date(2020, 9, 30)),
    ("村（居）民委员会换届准备（演示）", date(2020, 10, 31)),
    ("红色地名收集（演示）", date(2020, 3, 10)),
    ("基本养老服务指导性目录（演示）", date(2020, 6, 30)),
)

_CITY_PEOPLE: tuple[tuple[str, str, Outsider], ...] = (
    ("leading", "head", Outsider("丁海峰", "潍坊市人民政府（演示）", "分管副市长")),
    ("special", "head", Outsider("丁海峰", "潍坊市人民政府（演示）", "分管副市长")),
    ("special", "deputy", Outsider("于文静", "潍坊市民政局（演示）", "局长")),
    ("leading", "deputy", Outsider("于文静", "潍坊市民政局（演示）", "局长")),
    ("general", "head", Outsider("孟祥国", "潍坊市民政局（演示）", "办公室主任")),
    ("control", "head", Outsider("程立民", "潍坊市民政局（演示）", "基层政权科科长")),
    ("business", "head", Outsider("岳秀芳", "潍坊市民政局（演示）", "社会救助科科长")),
    ("business", "member", Outsider("魏东", "潍坊市慈善总会（演示）", "副秘书长")),
    ("donation", "head", Outsider("岳秀芳", "潍坊市民政局（演示）", "社会救助科科长")),
    ("donation_receive", "head", Outsider("魏东", "潍坊市慈善总会（演示）", "副秘书长")),
    ("donation_allocate", "head", Outsider("贺春梅", "潍坊市民政局（演示）", "慈善科科长")),
    ("donation_publish", "head", Outsider("孟祥国", "潍坊市民政局（演示）", "办公室主任")),
)
"""The supervision group and the audit of donations have no head yet: holes."""


class Command:
    """The event and its groups on their way into the database."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._event_id, self._key_tasks_id = new_id(), new_id()
        self._groups: dict[tuple[int, str], Group] = {}
        self._phones = 0
        self._users: dict[tuple[str, int], list[UUID]] = {}
        for officer in town.city.officers:
            self._users.setdefault((officer.role, officer.area_code), []).append(town.user_ids[officer.username])

    def write(self, diary: Diary) -> None:
        steps: Sequence[tuple[datetime, Callable[[], None]]] = (
            (moment(date(2020, 1, 6), 9), self._open_key_tasks),
            (moment(date(2020, 1, 24), 20), self._open),
            (moment(date(2020, 1, 25), 9), self._form_city),
            *((moment(date(2020, 1, 26), 9), partial(self._form_county, code)) for code in _COUNTIES),
            (moment(date(2020, 1, 26), 15), self._form_township),
            (moment(date(2020, 1, 26), 10), self._recall),
            (moment(date(2020, 3, 8), 9), self._lower),
            (moment(date(2020, 3, 16), 10), self._ask_groups),
        )
        for at, act in steps:
            diary.write(at, STAGE, act)
        for order in _ORDERS:
            self._write_order(diary, order)

    def _open(self) -> None:
        with self._city() as actor:
            open_event(
                actor=actor,
                event_id=self._event_id,
                new=NewEvent(
                    kind="epidemic",
                    title="新冠肺炎疫情（演示）",
                    area_code=self._town.city_code,
                    level=1,
                    started_at=moment(date(2020, 1, 24), 18),
                    reason="省启动重大突发公共卫生事件Ⅰ级响应（演示）",
                ),
            )

    def _lower(self) -> None:
        with self._city() as actor:
            change_level(
                actor=actor,
                event_id=self._event_id,
                expected_version=1,
                level=2,
                at=moment(date(2020, 3, 8), 0),
                reason="省调整为Ⅱ级响应（演示）",
            )

    def _open_key_tasks(self) -> None:
        started = moment(date(2020, 1, 6), 8)
        new = NewEvent(
            "key_tasks", "2020年民政重点工作（演示）", self._town.city_code, None, started, "年度工作要点（演示）"
        )
        with self._city() as actor:
            open_event(actor=actor, event_id=self._key_tasks_id, new=new)
            for title, due in _KEY_TASKS:
                self._give(actor, title, moment(due, 17), [Recipient(self._town.city_code)], event=self._key_tasks_id)

    def _form_city(self) -> None:
        city = self._town.city_code
        with self._city() as actor:
            for template in ("office_four", "special_group", "donation_four"):
                self._form(actor, city, template)
            for key, role, who in _CITY_PEOPLE:
                self._join(actor, city, key, role, outsider=who)
            officers = self._users[Role.CITY_OFFICER, city]
            for key, role, user_id in (
                ("office", "head", officers[0]),
                ("general", "member", officers[1]),
                ("control", "member", officers[2]),
                ("leading", "deputy", self._users[Role.PARTNER, city][0]),
            ):
                self._join(actor, city, key, role, user_id=user_id)
            self._line(actor, city, "general", "statistics", "每日汇总上报", "每天 17:00 前")
            self._line(actor, city, "control", "community", "指导村（社区）防控", "每天")
            self._line(actor, city, "business", "assistance", "困难群众摸排和救助", "每天")

    def _form_county(self, code: int) -> None:
        with self._town.acting(Role.COUNTY_LEADER, code) as actor:
            self._form(actor, code, "five_groups")
            officers = self._users[Role.COUNTY_OFFICER, code]
            self._join(actor, code, "leading", "head", user_id=self._users[Role.COUNTY_LEADER, code][0])
            for user_id in officers:
                self._join(actor, code, "leading", "deputy", user_id=user_id)
            self._join(actor, code, "general", "head", user_id=officers[0])
            self._join(actor, code, "general", "member", user_id=officers[1])
            self._line(actor, code, "general", "statistics", "每日汇总上报", "每天 16:00 前")
            self._join(actor, code, "donation", "head", user_id=officers[1])

    def _form_township(self) -> None:
        with self._town.acting(Role.TOWNSHIP_HEAD, GUDI) as actor:
            self._form(actor, GUDI, "five_groups")
            self._join(actor, GUDI, "leading", "head", user_id=self._users[Role.TOWNSHIP_HEAD, GUDI][0])

    def _recall(self) -> None:
        """The bureau's own staff, called back and counted on the day."""
        with self._city() as actor:
            task = self._give(
                actor, "市直民政系统人员提前到岗（演示）", moment(date(2020, 1, 27), 8),
                [Recipient(self._town.city_code, target=126)], kind="recall", at_once=True,
            )  # fmt: skip
            row = task.assignments.get()
            for version, verb, quantity in ((1, "receive", None), (2, "progress", 81), (3, "finish", 42)):
                words = "3 人在外地隔离（演示）" if verb == "finish" else "已通知到人"
                self._step(actor, row.id, verb, version, words, quantity)
        with self._town.acting(Role.CITY_OFFICER, self._town.city_code, 2) as other:
            self._step(other, row.id, "confirm", 4)

    def _ask_groups(self) -> None:
        """To groups of the city: one is late on the opening morning, one is due on it."""
        city = self._town.city_code
        with self._city() as actor:
            for title, key, field, due in (
                ("汇总各县区疫情日报（演示）", "general", "statistics", moment(date(2020, 3, 17), 17)),
                ("抽查养老机构封闭管理情况（演示）", "supervision", "supervision", moment(date(2020, 3, 17), 12)),
                ("公布第六批捐赠使用情况（演示）", "donation_publish", "charity", moment(date(2020, 3, 18), 17)),
                ("安排清明节祭扫服务（演示）", "business", "assistance", moment(date(2020, 3, 27), 17)),
            ):
                self._give(actor, title, due, [Recipient(city, self._groups[city, key].id)], field=field)

    def _write_order(self, diary: Diary, order: Order) -> None:
        given: list[Task] = []
        units = list(self._town.units)[: order.units]
        on_time = units[: len(units) - order.late]
        diary.write(order.given, STAGE, lambda: given.append(self._give_order(order, units)))
        diary.write(moment(order.answered, 11), STAGE, lambda: self._answer(given[0], on_time, order, is_done=True))
        late = units[len(units) - order.late :]
        diary.write(moment(order.answered, 14), STAGE, lambda: self._answer(given[0], late[1:], order, is_done=False))
        if order.confirmed:
            diary.write(moment(order.answered, 16), STAGE, lambda: self._confirm(given[0]))

    def _give_order(self, order: Order, units: Sequence[int]) -> Task:
        with self._city() as actor:
            return self._give(
                actor, order.title, order.due, [Recipient(unit) for unit in units], field=order.field,
                note=order.note, result=order.result,
            )  # fmt: skip

    def _answer(self, task: Task, units: Sequence[int], order: Order, *, is_done: bool) -> None:
        for unit in units:
            with self._town.acting(Role.COUNTY_OFFICER, unit) as actor:
                row = task.assignments.get(area_code=unit)
                self._step(actor, row.id, "receive", 1)
                if is_done:
                    quantity = 4 + unit // 10**9 % 11 if order.result[0] else None
                    self._step(actor, row.id, "finish", 2, "已完成（演示）", quantity)

    def _confirm(self, task: Task) -> None:
        with self._city() as actor:
            for row in task.assignments.filter(state="done").order_by("area_code"):
                self._step(actor, row.id, "confirm", row.version)

    def _city(self) -> AbstractContextManager[Actor]:
        return self._town.acting(Role.CITY_OFFICER, self._town.city_code)

    def _form(self, actor: Actor, code: int, template: str) -> None:
        for group in form_groups(actor=actor, event_id=self._event_id, area_code=code, template_key=template):
            self._groups[code, group.key] = group

    def _join(
        self,
        actor: Actor,
        code: int,
        key: str,
        role: str,
        *,
        user_id: UUID | None = None,
        outsider: Outsider | None = None,
    ) -> None:
        self._phones += 1
        phone = f"{PHONE_PREFIX}8{self._phones:07d}"
        who = outsider or Outsider("", "", "")
        place = NewPlace(role, user_id, who.name, who.organisation, who.title, phone)
        add_member(actor=actor, group_id=self._groups[code, key].id, member_id=new_id(), place=place)

    def _line(self, actor: Actor, code: int, key: str, field: str, what: str, rhythm: str) -> None:
        group = self._groups[code, key]
        head = group.members.filter(role="head").first()
        doer = group.members.filter(role="member").first()
        assign_line(
            actor=actor,
            group_id=group.id,
            field=field,
            what=what,
            rhythm=rhythm,
            responsible_id=head.id if head else None,
            doer_id=doer.id if doer else None,
        )

    def _give(
        self,
        actor: Actor,
        title: str,
        due: datetime,
        recipients: Sequence[Recipient],
        *,
        event: UUID | None = None,
        field: str = "other",
        kind: str = "ordinary",
        note: str = "",
        result: tuple[str, str] = ("", ""),
        at_once: bool = False,
    ) -> Task:
        new = NewTask(
            title=title,
            area_code=self._town.city_code,
            due_at=due,
            kind=kind,
            source="meeting" if note else "event" if at_once else "none",
            source_note=note,
            event_id=event or self._event_id,
            field=field,
            result_label=result[0],
            result_unit=result[1],
        )
        return give_task(actor=actor, task_id=new_id(), new=new, recipients=recipients)

    def _step(
        self, actor: Actor, assignment_id: UUID, verb: str, version: int, text: str = "", quantity: int | None = None
    ) -> None:
        take_step(
            actor=actor,
            assignment_id=assignment_id,
            verb=verb,
            expected_version=version,
            move_id=new_id(),
            said=Said(text, quantity),
        )


def write_command(town: Town, diary: Diary) -> None:
    Command(town).write(diary)
