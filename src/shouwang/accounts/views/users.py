"""Users and posts, for the system administrator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwang.areas.public import full_names
from shouwang.kernel import clock
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.downloads import table_download
from shouwang.kernel.ids import new_id
from shouwang.kernel.refusals import refusals_shown_in
from shouwang.kernel.spreadsheets import Column

from ..commands import users as commands
from ..commands.users import FirstPassword
from ..decorators import roles_required
from ..forms import EndPostForm, MovePostForm, NewUserForm, PostForm, UserQuery
from ..models import Post, User
from ..queries import get_user_for, list_users_for, locks_of, posts_of
from ..states import Role

PAGE_SIZE = 50


@require_GET
@roles_required(Role.SYSADMIN)
def user_list(request: ActorRequest) -> HttpResponseBase:
    query = UserQuery(request.GET)
    wanted = query.cleaned_data if query.is_valid() else {}
    users = list_users_for(
        request.actor,
        text=wanted.get("q", ""),
        role=wanted.get("role", ""),
        state=wanted.get("state", ""),
        sort=request.GET.get("sort", ""),
    )
    if "format" in request.GET:
        return table_download(_("用户与岗位"), _columns(), _exported(users), request.GET["format"])
    page = Paginator(users, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "query": UserQuery(request.GET or None),
        "page": page,
        "locks": locks_of([user.username for user in page]),
        "area_names": full_names([post.area_code for user in page for post in user.held]),
    }
    return render(request, "accounts/user_list.html", context)


@require_http_methods(["GET", "POST"])
@roles_required(Role.SYSADMIN)
def user_new(request: ActorRequest) -> HttpResponse:
    form = NewUserForm(request.POST if request.method == "POST" else None, initial={"request_id": new_id()})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            return _hand_over(
                request,
                commands.create_user(
                    actor=request.actor,
                    user_id=values["request_id"],
                    username=values["username"],
                    name=values["name"],
                    role=values["role"],
                    area_code=values["area"],
                    from_on=values["on"],
                ),
            )
    status = 422 if form.errors else 200
    return render(request, "accounts/user_new.html", {"form": form}, status=status)


@require_GET
@roles_required(Role.SYSADMIN)
def user_detail(request: ActorRequest, user_id: UUID) -> HttpResponse:
    return _detail(request, get_user_for(request.actor, user_id))


@require_POST
@roles_required(Role.SYSADMIN)
def user_reset_password(request: ActorRequest, user_id: UUID) -> HttpResponse:
    return _hand_over(request, commands.reset_password(actor=request.actor, user_id=user_id))


@require_POST
@roles_required(Role.SYSADMIN)
def user_unlock(request: ActorRequest, user_id: UUID) -> HttpResponse:
    user = commands.unlock_user(actor=request.actor, user_id=user_id)
    messages.success(request, _("%(name)s 的登录锁定已解除。") % {"name": user.name})
    return redirect("user_detail", user_id)


@require_POST
@roles_required(Role.SYSADMIN)
def post_add(request: ActorRequest, user_id: UUID) -> HttpResponse:
    form = PostForm(request.POST, prefix="add")
    if form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            commands.add_post(
                actor=request.actor,
                user_id=user_id,
                post_id=values["request_id"],
                role=values["role"],
                area_code=values["area"],
                from_on=values["on"],
            )
    return _answer(request, user_id, form, _("岗位已增加。"))


@require_POST
@roles_required(Role.SYSADMIN)
def post_move(request: ActorRequest, user_id: UUID, post_id: UUID) -> HttpResponse:
    form = MovePostForm(request.POST, prefix=f"move-{post_id}")
    if form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            commands.move_post(
                actor=request.actor,
                post_id=post_id,
                new_post_id=values["request_id"],
                role=values["role"],
                area_code=values["area"],
                on=values["on"],
                reason=values["reason"],
            )
    return _answer(request, user_id, form, _("已调动：原岗位到期终止，新岗位从当天起生效。"))


@require_POST
@roles_required(Role.SYSADMIN)
def post_end(request: ActorRequest, user_id: UUID, post_id: UUID) -> HttpResponse:
    form = EndPostForm(request.POST, prefix=f"end-{post_id}")
    if form.is_valid():
        values = form.cleaned_data
        with refusals_shown_in(form):
            commands.end_post(
                actor=request.actor, post_id=post_id, until_on=values["until_on"], reason=values["reason"]
            )
    return _answer(request, user_id, form, _("岗位已终止。"))


def _answer(request: ActorRequest, user_id: UUID, form: Form, done: str) -> HttpResponse:
    """Back to the user's page: with a word when it was done, with the dialog open again when it was refused."""
    if form.errors:
        return _detail(request, get_user_for(request.actor, user_id), refused=form)
    messages.success(request, done)
    return redirect("user_detail", user_id)


@dataclass(frozen=True, slots=True)
class _PostRow:
    """A post with what can be done with it; no forms for a post that has ended."""

    post: Post
    label: str
    tone: str
    move_form: Form | None
    end_form: Form | None


def _detail(request: ActorRequest, user: User, *, refused: Form | None = None) -> HttpResponse:
    def form_of(kind: type[Form], prefix: str, **initial: object) -> Form:
        if refused is not None and refused.prefix == prefix:
            return refused
        return kind(prefix=prefix, initial={"request_id": new_id(), **initial})

    rows = []
    for post in posts_of(user.id):
        label, tone = _state_of(post)
        is_open = tone != "stopped"
        move = form_of(MovePostForm, f"move-{post.id}", role=post.role, area=post.area_code) if is_open else None
        end = form_of(EndPostForm, f"end-{post.id}") if is_open else None
        rows.append(_PostRow(post, label, tone, move, end))
    context = {
        "user": user,
        "rows": rows,
        "add_form": form_of(PostForm, "add"),
        "locked_until": locks_of([user.username]).get(user.username),
        "area_names": full_names([row.post.area_code for row in rows]),
        "is_own": user.id == request.actor.user_id,
    }
    return render(request, "accounts/user_detail.html", context, status=422 if refused else 200)


def _state_of(post: Post) -> tuple[str, str]:
    today = clock.today()
    if post.until_on is not None and post.until_on <= today:
        return _("已终止"), "stopped"
    if post.from_on > today:
        return _("未到任"), "waiting"
    return _("在任"), "done"


def _hand_over(request: ActorRequest, created: FirstPassword) -> HttpResponse:
    """The one page that shows a first password. A repeat of the same request has none left to show."""
    if created.password is None:
        messages.warning(request, _("该用户刚才已建立。初始密码只显示一次，没有记下请重置密码。"), extra_tags="waiting")
        return redirect("user_detail", created.user.id)
    return render(request, "accounts/first_password.html", {"user": created.user, "password": created.password})


def _columns() -> list[Column]:
    return [
        Column("name", _("姓名")),
        Column("username", _("用户名")),
        Column("posts", _("在任岗位")),
        Column("last_login", _("最近登录")),
    ]


def _exported(users: QuerySet[User]) -> Iterator[dict[str, str]]:
    everyone = list(users)
    names = full_names([post.area_code for user in everyone for post in user.held])
    for user in everyone:
        posts = [f"{names.get(post.area_code, '')}{post.get_role_display()}" for post in user.held]
        last = user.last_login
        yield {
            "name": user.name,
            "username": user.username,
            "posts": "；".join(posts),
            "last_login": f"{last.astimezone(clock.TZ):%Y-%m-%d %H:%M}" if last else "",
        }
