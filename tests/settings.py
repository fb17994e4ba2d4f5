"""Settings of the tests: the product's own, in a home that vanishes with the run, under the strict floor."""

import atexit
import os
import shutil
import tempfile

# Whatever the developer's environment says, no test reads or writes a real home.
os.environ["HABILIS_HOME"] = tempfile.mkdtemp(prefix="habilis-test-")
atexit.register(shutil.rmtree, os.environ["HABILIS_HOME"], ignore_errors=True)
for name in os.environ.keys() - {"HABILIS_HOME", "HABILIS_DB"}:
    if name.startswith("HABILIS_"):
        del os.environ[name]
# A command that a test starts as a process of its own runs under the product's settings.
os.environ["DJANGO_SETTINGS_MODULE"] = "habilis.config.settings"

from habilis.config.settings import *  # noqa: E402, F403
from habilis.config.settings import MIDDLEWARE, TEMPLATES  # noqa: E402
from tests import floor  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MIDDLEWARE = ["tests.floor.watch_pages", *MIDDLEWARE]
TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = floor.Undefined("undefined: %s")
SCHEDULE = []  # the apps' own jobs are called by their tests
