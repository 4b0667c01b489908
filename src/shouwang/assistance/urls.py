from __future__ import annotations

from . import urls_parameters, urls_payments, urls_relief

urlpatterns = [*urls_payments.urlpatterns, *urls_relief.urlpatterns, *urls_parameters.urlpatterns]
