"""Planted faults: each `test_fault_…` must fail under the floor and each `test_sound_…` must pass.

`tests/test_floor.py` runs this file in a process of its own; the usual collection does not see it.
"""

import contextlib
import os
import socket
import warnings
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.http import HttpResponse
from django.template import Context, Template, engines
from django.test import Client
from django.urls import path

from habilis.organisations.models import Organisation

PAGE = "<!doctype html><html lang=fr><title>T</title><h1>T</h1>{}</html>"
BODIES = {
    "sound": "<form method=post><input type=hidden name=csrfmiddlewaretoken value=x></form><code>{{ x }}</code>"
    '<script src="/static/a.js"></script><script type="application/json">{"a": "{{"}</script>',
    "no_csrf": "<form method=POST action=/a></form>",
    "inline_script": "<script>alert(1)</script>",
    "inline_style": "<style>p{}</style>",
    "style_attribute": "<p style='color:red'>x",
    "event_attribute": "<button onclick='x()'>x</button>",
    "htmx_script": "<button hx-on:click='x()'>x</button>",
    "script_address": "<a href=' JavaScript:x()'>x</a>",
    "other_host": "<img src='https://example.org/a.png' alt=''>",
    "other_style": "<link rel=stylesheet href='//example.org/a.css'>",
    "leftover_variable": "<p>Bonjour {{ name }}</p>",
    "leftover_tag": "<p title='{% if x %}'>x</p>",
}
urlpatterns = [path(f"{name}/", lambda _, body=body: HttpResponse(PAGE.format(body))) for name, body in BODIES.items()]

here = pytest.mark.urls(__name__)


@here
@pytest.mark.parametrize("name", [name for name in BODIES if name != "sound"])
def test_fault_page(name):
    assert Client().get(f"/{name}/").status_code == 200


@here
def test_sound_page():
    assert Client().get("/sound/").status_code == 200


def test_fault_undefined_variable():
    assert "undefined" in engines["django"].from_string("{{ nobody.name }}").render({})


def test_sound_optional_variable():
    template = Template("{% if nobody %}{{ nobody }}{% endif %}{{ given }}")
    assert template.render(Context({"given": "x"})) == "x"


def test_fault_warning():
    warnings.warn("deprecated", DeprecationWarning, stacklevel=1)


def test_fault_network_call():
    with contextlib.suppress(OSError), socket.socket() as outside:
        outside.connect(("192.0.2.1", 80))


def test_fault_name_lookup():
    with contextlib.suppress(OSError):
        socket.getaddrinfo("example.org", 80)


def test_fault_datagram():
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outside:
        outside.sendto(b"x", ("192.0.2.1", 9))


def test_sound_loopback():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass


@pytest.mark.django_db
def test_fault_order_taken_for_granted():
    """A list read without an order comes back in another one: 1 chance in 10^18 to pass."""
    users = [User(username=f"u{n:02}") for n in range(20)]
    User.objects.bulk_create(users)
    assert [user.username for user in User.objects.all()] == [f"u{n:02}" for n in range(20)]


@pytest.mark.django_db
def test_sound_order_asked_for():
    Organisation.objects.bulk_create(Organisation(name=f"Organisme {n:02}") for n in range(20))
    assert [body.name for body in Organisation.objects.all()] == [f"Organisme {n:02}" for n in range(20)]
    assert Permission.objects.order_by("pk").ordered


def test_sound_home_is_temporary():
    assert Path(settings.HOME).is_relative_to(Path(os.environ["TMPDIR"]).resolve())
    assert settings.PASSWORD_HASHERS == ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.mark.browser
def test_absent_browser():
    raise AssertionError("ran without a browser")


@pytest.mark.postgres
def test_absent_postgres():
    raise AssertionError("ran without PostgreSQL")
