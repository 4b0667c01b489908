from django.apps import AppConfig


class ResponseConfig(AppConfig):
    name = "shouwang.response"
    label = "response"

    def ready(self) -> None:
        from . import measures_text

        measures_text.register()
