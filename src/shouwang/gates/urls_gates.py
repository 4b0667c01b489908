"""Addresses of estates, entrances and phones."""

from __future__ import annotations

from django.urls import URLPattern, path

from .views import gates

urlpatterns: list[URLPattern] = [
    path("board/", gates.gate_board, name="gate_board"),
    path("estates/", gates.estate_list, name="estate_list"),
    path("estates/new/", gates.estate_new, name="estate_new"),
    path("estates/<int:estate_id>/", gates.estate_detail, name="estate_detail"),
    path("estates/<int:estate_id>/buildings/", gates.building_new, name="building_new"),
    path("estates/<int:estate_id>/gates/", gates.gate_new, name="gate_new"),
    path("entrances/<int:gate_id>/", gates.gate_detail, name="gate_detail"),
    path("entrances/<int:gate_id>/status/", gates.gate_status, name="gate_status"),
    path("entrances/<int:gate_id>/code/", gates.gate_code, name="gate_code"),
    path("phones/<int:device_id>/revoke/", gates.device_revoke, name="device_revoke"),
    path("alarms/<uuid:alarm_id>/settle/", gates.alarm_settle, name="alarm_settle"),
    path("held/<uuid:batch_id>/judge/", gates.held_judge, name="held_judge"),
]
