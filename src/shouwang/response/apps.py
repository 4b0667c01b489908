from django.apps import AppConfig


class ResponseConfig(AppConfig):
    name = "shouwang.response"
    label = "response"
