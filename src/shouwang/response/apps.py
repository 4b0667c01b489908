from django.apps import AppConfig


class ResponseConfig(AppConfig):
    name = "shouwang.response"
    label = "response"

    def ready(self) -> None:
        from . import handlers, measures_text

        handlers.register()
        measures_text.register()
