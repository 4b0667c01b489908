from django.apps import AppConfig


class ResponseConfig(AppConfig):
    name = "shouwang.response"
    label = "response"

    def ready(self) -> None:
        from . import handlers_command, measures_text

        handlers_command.register()
        measures_text.register()
