from __future__ import annotations

from django.urls import path

from .views import audit, signing_in, users, workdays

urlpatterns = [
    path("sign-in", signing_in.sign_in, name="sign_in"),
    path("sign-in/demo", signing_in.sign_in_demo, name="sign_in_demo"),
    path("sign-out", signing_in.sign_out, name="sign_out"),
    path("account", signing_in.my_account, name="my_account"),
    path("account/password", signing_in.change_password, name="change_password"),
    path("account/posts/<uuid:post_id>/act", signing_in.act_in_post, name="act_in_post"),
    path("users/", users.user_list, name="user_list"),
    path("users/new", users.user_new, name="user_new"),
    path("users/<uuid:user_id>", users.user_detail, name="user_detail"),
    path("users/<uuid:user_id>/reset-password", users.user_reset_password, name="user_reset_password"),
    path("users/<uuid:user_id>/unlock", users.user_unlock, name="user_unlock"),
    path("users/<uuid:user_id>/posts", users.post_add, name="post_add"),
    path("users/<uuid:user_id>/posts/<uuid:post_id>/move", users.post_move, name="post_move"),
    path("users/<uuid:user_id>/posts/<uuid:post_id>/end", users.post_end, name="post_end"),
    path("audit/", audit.audit_log, name="audit_log"),
    path("workdays/", workdays.year_page, name="workdays"),
]
