"""The `habilis` command: Django's management commands under the project's own name."""

import os
import sys

import django
from django.conf import settings
from django.core.management import execute_from_command_line
from django.utils import translation


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "habilis.config.settings")
    django.setup()
    translation.activate(settings.COMMAND_LANGUAGE)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
