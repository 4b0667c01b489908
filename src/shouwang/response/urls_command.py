"""Addresses of the command of events."""

from __future__ import annotations

from django.urls import path

from .views import events, groups, tasks

urlpatterns = [
    path("events/", events.event_list, name="event_list"),
    path("events/open/", events.event_open, name="event_open"),
    path("events/<uuid:event_id>/", events.event_detail, name="event_detail"),
    path("events/<uuid:event_id>/level/", events.event_level, name="event_level"),
    path("events/<uuid:event_id>/end/", events.event_end, name="event_end"),
    path("events/<uuid:event_id>/units/", groups.event_units, name="event_units"),
    path("events/<uuid:event_id>/groups/", groups.event_groups, name="event_groups"),
    path("events/<uuid:event_id>/groups/form/", groups.group_form, name="group_form"),
    path("events/<uuid:event_id>/calls/", groups.call_tree, name="call_tree"),
    path("events/<uuid:event_id>/duties/", groups.duty_matrix, name="duty_matrix"),
    path("groups/", groups.group_list, name="group_list"),
    path("groups/<uuid:group_id>/", groups.group_detail, name="group_detail"),
    path("groups/<uuid:group_id>/members/", groups.member_add, name="group_member_add"),
    path("groups/<uuid:group_id>/lines/", groups.line_assign, name="group_line_assign"),
    path("groups/<uuid:group_id>/dissolve/", groups.group_dissolve, name="group_dissolve"),
    path("groups/members/<uuid:member_id>/end/", groups.member_end, name="group_member_end"),
    path("groups/members/<uuid:member_id>/phone/", groups.member_phone, name="group_member_phone"),
    path("tasks/", tasks.task_list, name="task_list"),
    path("tasks/new/", tasks.task_new, name="task_new"),
    path("tasks/<uuid:task_id>/", tasks.task_detail, name="task_detail"),
    path("tasks/units/<uuid:assignment_id>/", tasks.assignment_detail, name="assignment_detail"),
    path("tasks/units/<uuid:assignment_id>/<slug:verb>/", tasks.assignment_step, name="assignment_step"),
    path("tasks/files/<uuid:move_id>/", tasks.assignment_file, name="assignment_file"),
]
