from __future__ import annotations

from django.urls import include, path

from .views import documents, measures, orders, public

urlpatterns = [
    path("", include("shouwang.response.urls_command")),
    path("measures/", measures.measures_in_force, name="measures_in_force"),
    path("measures/all/", measures.measure_list, name="measure_list"),
    path("measures/timeline/", measures.measure_timeline, name="measure_timeline"),
    path("measures/today/", public.measures_today, name="measures_today"),
    path("measures/<uuid:measure_id>/", measures.measure_detail, name="measure_detail"),
    path("measures/<uuid:measure_id>/lift/", measures.measure_lift, name="measure_lift"),
    path("orders/", orders.order_list, name="order_list"),
    path("orders/new/<slug:kind>/", orders.order_new, name="order_new"),
    path("orders/<uuid:order_id>/", orders.order_detail, name="order_detail"),
    path("orders/<uuid:order_id>/edit/", orders.order_edit, name="order_edit"),
    path("orders/<uuid:order_id>/add/<slug:kind>/", orders.order_add, name="order_add"),
    path("orders/<uuid:order_id>/remove/<int:position>/", orders.order_remove, name="order_remove"),
    path("orders/<uuid:order_id>/rehearse/", orders.order_rehearse, name="order_rehearse"),
    path("orders/<uuid:order_id>/sign/", orders.order_sign, name="order_sign"),
    path("orders/<uuid:order_id>/drop/", orders.order_drop, name="order_drop"),
    path("receipts/", orders.receipt_list, name="receipt_list"),
    path("documents/", documents.document_list, name="document_list"),
    path("documents/new/", documents.document_new, name="document_new"),
    path("documents/matrix/", documents.document_matrix, name="document_matrix"),
    path("documents/<uuid:document_id>/", documents.document_detail, name="document_detail"),
    path("documents/<uuid:document_id>/send/", documents.document_send, name="document_send"),
    path("documents/<uuid:document_id>/receive/", documents.document_receive, name="document_receive"),
    path("documents/<uuid:document_id>/file/", documents.document_file, name="document_file"),
]
