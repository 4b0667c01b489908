"""Settings, from the environment, in one place. Every variable is documented in docs/operate/install.md."""

from __future__ import annotations

import os
from ipaddress import ip_network
from pathlib import Path

from shouwang.config import database, place, secrets

PACKAGE = Path(__file__).resolve().parent.parent
STATE_DIR = Path(os.environ.get("SHOUWANG_STATE_DIR") or place.own_folder())  # beside the data its keys open

DEBUG = os.environ.get("SHOUWANG_DEBUG") == "1"
ALLOWED_HOSTS = os.environ.get("SHOUWANG_HOSTS", "127.0.0.1,localhost").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("SHOUWANG_ORIGINS", "").split(",") if origin]
SHOUWANG_TRUSTED_PROXIES = [
    ip_network(network.strip(), strict=False)
    for network in os.environ.get("SHOUWANG_TRUSTED_PROXIES", "").split(",")
    if network.strip()
]

_secrets = secrets.load(STATE_DIR)
SECRET_KEY = _secrets.secret_key
SHOUWANG_KEY_RING = _secrets.key_ring
SHOUWANG_INDEX_KEY = _secrets.index_key

DATABASES = database.aliases()
SHOUWANG_GATE_OPTIONS = database.GATE_OPTIONS
# How many scans may wait for their commit in a process before phones are told to come again.
SHOUWANG_GATE_QUEUE = int(os.environ.get("SHOUWANG_GATE_QUEUE", "20000"))
DATABASE_ROUTERS: list[str] = []

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django.contrib.postgres",
    "django_vite",
    "procrastinate.contrib.django",
    "shouwang.kernel",
    "shouwang.areas",
    "shouwang.accounts",
    "shouwang.registry",
    "shouwang.ledger",
    "shouwang.response",
    "shouwang.assistance",
    "shouwang.gates",
    "shouwang.reporting",
    "shouwang.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "shouwang.gates.middleware.PhonesMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "shouwang.web.middleware.HeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "shouwang.accounts.middleware.ActorMiddleware",
    "shouwang.web.middleware.DomainErrorMiddleware",
]

ROOT_URLCONF = "shouwang.config.urls"
WSGI_APPLICATION = "shouwang.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "shouwang.web.context.shell",
            ],
            "builtins": ["django.templatetags.i18n", "shouwang.web.templatetags.shouwang"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["shouwang.accounts.sessions.UserBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "sign_in"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
_https = os.environ.get("SHOUWANG_HTTPS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _https
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise warns about a folder that is not there
WHITENOISE_USE_FINDERS = True
DJANGO_VITE = {
    "default": {
        "dev_mode": False,
        "manifest_path": PACKAGE / "web" / "static" / "dist" / "manifest.json",
        "static_url_prefix": "dist",
    }
}
# Fonts of printed papers: a folder with the bureau's own licensed fonts, then the open ones of the front end's lock.
SHOUWANG_FONTS = os.environ.get("SHOUWANG_FONTS", "")
_modules = PACKAGE.parent.parent / "frontend" / "node_modules" / "@expo-google-fonts"
PACKAGED_FONTS = [
    _modules / family / weight for family in ("noto-serif-sc", "noto-sans-sc") for weight in ("400Regular", "700Bold")
]

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Workbooks of a province's size are read from disk, in chunks; 64 MiB is 1 million rows of a register.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
UPLOAD_BYTES_MAX = 64 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("SHOUWANG_LOG_LEVEL", "WARNING")},
}
