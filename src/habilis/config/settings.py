"""All settings, read from the environment; each variable is described in docs/operations.md."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.contrib.messages import constants as message_levels

PACKAGE = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("HABILIS_HOME", "var")).resolve()
HOME.mkdir(parents=True, exist_ok=True)

DEBUG = os.environ.get("HABILIS_DEBUG", "") == "1"
# Behind HTTPS, with `habilis collectstatic` run once: hashed static files, cookies on HTTPS only.
PRODUCTION = os.environ.get("HABILIS_PRODUCTION", "") == "1"
# A key of its own per home unless the operator gives one: nothing secret is in the repository.
SECRET_FILE = HOME / "secret.key"
if not (SECRET_KEY := os.environ.get("HABILIS_SECRET_KEY", "")):
    if not SECRET_FILE.exists():
        SECRET_FILE.touch(mode=0o600)
        SECRET_FILE.write_text(os.urandom(48).hex())
    SECRET_KEY = SECRET_FILE.read_text()
ALLOWED_HOSTS = os.environ.get("HABILIS_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
PUBLIC_URL = os.environ.get("HABILIS_URL", "http://localhost:8000")

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",  # widget templates, found by the renderer of forms
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "ninja",
    "habilis.common",
    "habilis.journal",
    "habilis.organisations",
    "habilis.registers",
    "habilis.portal",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "habilis.config.middleware.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "habilis.config.urls"
WSGI_APPLICATION = "habilis.config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.l10n",
                "django.templatetags.static",
                "habilis.common.templatetags.ui",
            ],
        },
    }
]
FORM_RENDERER = "habilis.common.rendering.FormRenderer"
# The tones of the components, in place of Bootstrap's names.
MESSAGE_TAGS = {message_levels.SUCCESS: "good", message_levels.WARNING: "warn", message_levels.ERROR: "bad"}


def database() -> dict[str, Any]:
    """SQLite in the home by default; PostgreSQL with HABILIS_DB=postgresql, the rest read by libpq (PGHOST, …)."""
    if os.environ.get("HABILIS_DB") == "postgresql":
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ.get("PGDATABASE", "habilis"),
            "CONN_MAX_AGE": None,
        }
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": HOME / "habilis.sqlite3",
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # Writers queue at BEGIN instead of failing in the middle; readers never wait under WAL.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": ";".join(
                (
                    "PRAGMA page_size=16384",  # fiches carry long texts; read before the file exists, ignored after
                    "PRAGMA journal_mode=WAL",
                    "PRAGMA wal_autocheckpoint=16000",  # 256 MB: a mass import waits for the disk less often
                    "PRAGMA synchronous=NORMAL",
                    "PRAGMA mmap_size=134217728",
                    "PRAGMA cache_size=-40000",
                )
            ),
        },
    }


DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

API_RATE_LIMIT = int(os.environ.get("HABILIS_API_RATE", "120"))  # requests a minute and address
API_PROXIES = int(os.environ.get("HABILIS_PROXIES", "0"))  # reverse proxies before us, whose X-Forwarded-For is true

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "long"]}}

# Jobs that run by themselves: (dotted name of the task, period, queue). The floor adds its own sweep.
SCHEDULE: list[tuple[str, timedelta, str]] = [("habilis.journal.jobs.seal", timedelta(minutes=10), "default")]

# The journal: what may be published, its private keys, and the name that its first key takes for ever.
JOURNAL_ROOT = HOME / "journal"
JOURNAL_KEYS = HOME / "keys"
JOURNAL_ORIGIN = os.environ.get("HABILIS_JOURNAL_ORIGIN", "") or urlsplit(PUBLIC_URL).netloc + "/journal"

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
COMMAND_LANGUAGE = os.environ.get("HABILIS_LANGUAGE", LANGUAGE_CODE)  # pages ask their reader's browser
LOCALE_PATHS = [PACKAGE / "locale"]
LANGUAGE_COOKIE_SAMESITE = "Lax"
FORMAT_MODULE_PATH = ["habilis.config.formats"]
TIME_ZONE = "Europe/Paris"
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # whitenoise warns when it is missing
WHITENOISE_USE_FINDERS = not PRODUCTION
_STATIC_STORAGE = (
    "whitenoise.storage.CompressedManifestStaticFilesStorage"
    if PRODUCTION
    else "django.contrib.staticfiles.storage.StaticFilesStorage"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _STATIC_STORAGE},
}
MEDIA_ROOT = HOME / "files"

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = PRODUCTION
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PRODUCTION else []
X_FRAME_OPTIONS = "DENY"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
