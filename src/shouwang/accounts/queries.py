"""Reading users and posts: for the system administrator within the area of their post, and for the sign-in page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwang.areas.public import Level, full_names
from shouwang.kernel import clock, deployment
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotAllowed, NotFound
from shouwang.kernel.models import AuditEntry
from shouwang.kernel.scope import Span, spans_q

from .acting import in_force_q
from .models import Post, SignInGuard, User
from .policies import administered_spans, guard_key
from .states import NO_EVENT_ROLES, Role

SORTS = frozenset({"username", "-username", "name", "-name", "last_login", "-last_login"})

SERVING, NO_POST, FIRST_PASSWORD = "serving", "no_post", "first_password"
STATES: Sequence[tuple[str, str | Promise]] = (
    (SERVING, gettext_lazy("在岗")),
    (NO_POST, gettext_lazy("无在任岗位")),
    (FIRST_PASSWORD, gettext_lazy("未改初始密码")),
)


def list_users_for(actor: Actor, *, text: str = "", role: str = "", state: str = "", sort: str = "") -> QuerySet[User]:
    """Users who hold or held a post in the actor's area, each with `held`: the posts in force. Raises NotAllowed."""
    in_reach = Post.objects.filter(spans_q(administered_spans(actor)), user=OuterRef("pk"))
    holding = in_reach.filter(in_force_q(clock.today()))
    users = User.objects.filter(Exists(in_reach))
    if text.strip():
        users = users.filter(Q(username__istartswith=text.strip()) | Q(name__contains=text.strip()))
    if role:
        users = users.filter(Exists(holding.filter(role=role)))
    if state == SERVING:
        users = users.filter(Exists(holding))
    elif state == NO_POST:
        users = users.exclude(Exists(holding))
    elif state == FIRST_PASSWORD:
        users = users.filter(must_change_password=True)
    held = Post.objects.filter(in_force_q(clock.today())).order_by("from_on", "id")
    order = sort if sort in SORTS else "username"
    return users.prefetch_related(Prefetch("posts", queryset=held, to_attr="held")).order_by(order, "id")  # type: ignore[no-redef]


def get_user_for(actor: Actor, user_id: UUID) -> User:
    """Raises NotFound, for a user who is not there and for one who never held a post in the actor's area."""
    user = list_users_for(actor).filter(id=user_id).first()
    if user is None:
        raise NotFound(_("没有这位用户，或不在您管理的范围内"), reason="user.unknown")
    return user


def posts_of(user_id: UUID) -> list[Post]:
    """Every post the user holds, held or will hold, the latest first."""
    return list(Post.objects.filter(user_id=user_id).order_by("-from_on", "-id"))


def locks_of(usernames: Iterable[str]) -> dict[str, datetime]:
    """Until when each of the names is locked; those that are not are left out."""
    names = {guard_key(username): username for username in usernames}
    locked = SignInGuard.objects.filter(key__in=names, locked_until__gt=clock.now())
    return {names[key]: until for key, until in locked.values_list("key", "locked_until") if until}


READS_AUDIT: frozenset[str] = frozenset({Role.AUDITOR})


def list_audit_for(
    actor: Actor,
    *,
    since: datetime,
    until: datetime,
    who: str = "",
    what: str = "",
    spans: Sequence[Span] | None = None,
) -> QuerySet[AuditEntry]:
    """What was done in the auditor's areas from an instant until before another, the latest first. Raises NotAllowed.

    `who` is a part of an officer's name, `what` the first part of an action ("batch"), `spans` an area to narrow to.
    """
    if actor.role not in READS_AUDIT:
        raise NotAllowed(_("审计记录由审计监督岗位查看"), reason="audit.role")
    entries = AuditEntry.objects.filter(actor.scope.q(), recorded_at__gte=since, recorded_at__lt=until)
    if who.strip():
        entries = entries.filter(actor_name__contains=who.strip())
    if what:
        entries = entries.filter(action__startswith=f"{what}.")
    if spans is not None:
        entries = entries.filter(spans_q(spans))
    return entries.order_by("-recorded_at", "-id")


def officers_within(spans: Sequence[Span]) -> QuerySet[User]:
    """Who may be given an event role in the spans: users who hold a post there today, by name."""
    holding = Post.objects.filter(in_force_q(clock.today()), spans_q(spans), user=OuterRef("pk"))
    barred = Post.objects.filter(in_force_q(clock.today()), role__in=NO_EVENT_ROLES, user=OuterRef("pk"))
    held = Post.objects.filter(in_force_q(clock.today())).order_by("from_on", "id")
    users = User.objects.filter(Exists(holding), ~Exists(barred))
    return users.prefetch_related(Prefetch("posts", queryset=held, to_attr="held")).order_by("name", "username")  # type: ignore[no-redef]


@dataclass(frozen=True, slots=True)
class DemoUser:
    """A button of the demo's sign-in page."""

    user_id: UUID
    name: str
    role: str
    role_label: str
    area_name: str
    hint: str


@dataclass(frozen=True, slots=True)
class DemoGroup:
    """The demo's users of one level."""

    label: str
    users: tuple[DemoUser, ...]


def demo_groups(*, is_featured: bool) -> list[DemoGroup]:
    """The demo's featured users, or all others, by level, city first; none where the database is no demo."""
    if not deployment.is_demo():
        return []
    posts = list(
        Post.objects.filter(in_force_q(clock.today()), user__is_demo=True, user__is_featured=is_featured)
        .select_related("user")
        .order_by("area_code", "user__username")
    )
    names = full_names([post.area_code for post in posts])
    groups = []
    for label, roles in _LEVELS:
        users = [
            DemoUser(
                user_id=post.user_id,
                name=post.user.name,
                role=post.role,
                role_label=str(Role(post.role).label),
                area_name=names.get(post.area_code, ""),
                hint=str(_HINTS[post.role]),
            )
            for role in roles
            for post in posts
            if post.role == role
        ]
        if users:
            groups.append(DemoGroup(label=str(label), users=tuple(users)))
    return groups


_LEVELS: Sequence[tuple[str | Promise, Sequence[str]]] = (
    (gettext_lazy("市级"), (Role.CITY_OFFICER, Role.PARTNER)),
    (gettext_lazy("县区"), (Role.COUNTY_OFFICER, Role.COUNTY_LEADER)),
    (Level.TOWNSHIP.label, (Role.TOWNSHIP_ASSISTANT, Role.TOWNSHIP_HEAD)),
    (Level.VILLAGE.label, (Role.GRID_WORKER,)),
    (gettext_lazy("财务、监督与系统"), (Role.FINANCE, Role.AUDITOR, Role.SYSADMIN)),
)

_HINTS: dict[str, str | Promise] = {
    Role.GRID_WORKER: gettext_lazy("替行动不便的家庭提交救助申请"),
    Role.TOWNSHIP_ASSISTANT: gettext_lazy("导入一个乡镇的名册，受理一件临时救助"),
    Role.TOWNSHIP_HEAD: gettext_lazy("确认一笔先行救助"),
    Role.COUNTY_OFFICER: gettext_lazy("生成三月份低保发放清单"),
    Role.COUNTY_LEADER: gettext_lazy("审批救助申请和发放批次"),
    Role.FINANCE: gettext_lazy("送盘、回盘，看账本余额"),
    Role.CITY_OFFICER: gettext_lazy("打开今晚的快报，从数字点到明细"),
    Role.AUDITOR: gettext_lazy("只看不改：追一笔钱的来龙去脉"),
    Role.SYSADMIN: gettext_lazy("管用户和岗位，看不到服务对象"),
    Role.PARTNER: gettext_lazy("卫健、公安等单位：只看事件的工作组和任务"),
}
