"""Signing in and out, one's own password and post."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwang.areas.public import full_names
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.errors import DomainError, NotFound

from .. import sessions
from ..acting import posts_in_force
from ..addresses import client_address
from ..commands import signing_in
from ..forms import ChangePasswordForm, SignInForm
from ..queries import demo_groups


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    form = SignInForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            user = signing_in.sign_in(**form.cleaned_data, address=client_address(request))
        except DomainError as refusal:
            form.add_error(None, str(refusal))
            status = refusal.status
        else:
            sessions.start(request, user)
            return redirect(_next(request))
    context = {
        "form": form,
        "demo_groups": demo_groups(is_featured=True),
        "other_demo_groups": demo_groups(is_featured=False),
        "next": request.GET.get("next", ""),
    }
    return render(request, "accounts/sign_in.html", context, status=status)


@require_POST
def sign_in_demo(request: HttpRequest) -> HttpResponse:
    try:
        user_id = UUID(request.POST.get("user", ""))
    except ValueError:
        return redirect("sign_in")
    sessions.start(request, signing_in.sign_in_demo(user_id=user_id, address=client_address(request)))
    return redirect(_next(request))


@require_POST
def sign_out(request: ActorRequest) -> HttpResponse:
    signing_in.sign_out(actor=request.actor)
    sessions.end(request)
    messages.info(request, _("您已退出。"), extra_tags="done")
    return redirect("sign_in")


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def change_password(request: ActorRequest) -> HttpResponse:
    form = ChangePasswordForm(request.POST if request.method == "POST" else None)
    user_id = request.actor.user_id
    assert user_id is not None
    status = 200
    if request.method == "POST" and form.is_valid():
        current, new = form.cleaned_data["current"], form.cleaned_data["new"]
        try:
            user = signing_in.change_password(user_id=user_id, current=current, new=new)
        except DomainError as refusal:
            form.add_error("current" if refusal.reason.startswith("sign_in.") else "new", str(refusal))
            status = refusal.status
        else:
            # Every other session of the user has just ended; this one goes on under a new key.
            sessions.start(request, user, post_id=request.actor.post_id)
            messages.success(request, _("密码已修改，其他地方的登录已全部退出。"))
            return redirect("my_account")
    is_first = request.account.must_change_password  # type: ignore[attr-defined]
    return render(request, "accounts/change_password.html", {"form": form, "is_first": is_first}, status=status)


@require_GET
def my_account(request: ActorRequest) -> HttpResponse:
    assert request.actor.user_id is not None
    posts = list(posts_in_force(user_id=request.actor.user_id))
    context = {
        "account": request.account,  # type: ignore[attr-defined]
        "posts": posts,
        "area_names": full_names([post.area_code for post in posts]),
    }
    return render(request, "accounts/my_account.html", context)


@require_POST
def act_in_post(request: ActorRequest, post_id: UUID) -> HttpResponse:
    """Act in another of one's own posts from now on."""
    assert request.actor.user_id is not None
    post = posts_in_force(user_id=request.actor.user_id).filter(id=post_id).first()
    if post is None:
        raise NotFound(_("您没有这个岗位，或岗位已终止"), reason="post.unknown")
    sessions.act_in(request, post.id)
    messages.success(request, _("已切换到%(role)s岗位。") % {"role": post.get_role_display()})
    return redirect("my_account")


def _next(request: HttpRequest) -> str:
    """Where to go after signing in: an address of ours only."""
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if wanted and is_ours else resolve_url("/")
