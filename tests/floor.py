"""The strict floor under every test: what no page, query or test may do, whatever the test looks at.

A fault is noted where it happens and fails the test that was running, so that neither a broad `except` nor the thread
of a live server can hide it. `tests/test_floor.py` plants each of them.
"""

import ipaddress
import random
import socket
import sys
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models.query import QuerySet
from django.http import HttpRequest, HttpResponse
from lxml import etree, html

faults: list[str] = []


def settle() -> None:
    """Fail the running test when something went through the floor."""
    seen = list(dict.fromkeys(faults))
    faults.clear()
    if seen:
        raise AssertionError("below the floor of every test:\n" + "\n".join(f"  - {fault}" for fault in seen))


class Undefined(str):
    """What a template shows for a variable that nobody gave it; only `{% if x %}` may ask for one that is not there."""

    __slots__ = ()

    def __mod__(self, variable: object) -> str:
        faults.append(f"undefined template variable: {variable} in {template_in_progress()}")
        return f"[undefined: {variable}]"


def template_in_progress() -> str:
    """Name of the template being rendered, read from the stack."""
    frame = sys._getframe(2)
    while frame:
        origin = getattr(frame.f_locals.get("self"), "origin", None)
        if origin is not None:
            return str(origin)
        frame = frame.f_back
    return "an unknown template"


# Pages


def watch_pages(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Outermost middleware: judge every HTML answer, those of the live server included."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.headers.get("Content-Type", "").startswith("text/html") and not response.streaming:
            faults.extend(f"{request.path}: {fault}" for fault in page_faults(response.content.decode()))
        return response

    return middleware


def page_faults(page: str) -> Iterator[str]:
    """What no page or fragment of Habilis may carry."""
    try:
        root = html.document_fromstring(page)
    except etree.ParserError:  # an empty answer
        return
    for element in root.iter(etree.Element):
        yield from element_faults(element)
        yield from leftovers(element)
    for form in root.iterfind(".//form"):
        if form.get("method", "get").lower() == "post" and form.find(".//input[@name='csrfmiddlewaretoken']") is None:
            yield f"form without CSRF token: {form.get('action', '(this page)')}"


def element_faults(element: Any) -> Iterator[str]:
    """Inline script and style, and anything fetched from another host: the policy of the site forbids them."""
    if element.tag == "style":
        yield "inline <style>"
    if element.tag == "script" and not element.get("src") and element.get("type") != "application/json":
        yield "inline <script>"
    for name, value in element.items():
        if name == "style" or name.startswith(("on", "hx-on", "data-hx-on")):
            yield f"inline {name}= on <{element.tag}>"
        if value.strip().lower().startswith("javascript:"):
            yield f"javascript: address on <{element.tag}>"
    source = element.get("href") if element.tag == "link" and element.get("rel") == "stylesheet" else element.get("src")
    if source and source.startswith(("http:", "https:", "//")):
        yield f"fetched from another host: {source}"


def leftovers(element: Any) -> Iterator[str]:
    """Template code that reached the reader; examples in <code> and <pre> are free."""
    texts = [*element.values(), element.tail or ""]
    if element.tag not in ("code", "pre", "script"):
        texts.append(element.text or "")
    for text in texts:
        if "{{" in text or "{%" in text:
            yield f"leftover template code: {text.strip()[:80]}"


# Queries


def shuffle_unordered_rows() -> None:
    """Give the rows of an unordered query in a random order (that of the test's seed), as a database may."""
    fetch = QuerySet._fetch_all

    def fetch_all(self: QuerySet[Any]) -> None:
        is_first = self._result_cache is None
        fetch(self)
        if is_first and not self.ordered:
            random.shuffle(self._result_cache)

    QuerySet._fetch_all = fetch_all


# Network


class NetworkCall(OSError):
    """A test tried to leave the machine."""


def stays_home(address: object) -> bool:
    """True for a Unix socket, for the loopback by number or name, and for the unnamed host."""
    host = address[0] if isinstance(address, tuple) else None
    if host in (None, "", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host).is_loopback
    except ValueError:
        return False


def forbid_network() -> None:
    """Every way out of the process refuses another host, and says so even when the caller swallows the error."""

    def guarded(call: Callable[..., Any], find: Callable[..., object]) -> Callable[..., Any]:
        def wrapper(*args: Any, **options: Any) -> Any:
            address = find(*args, **options)
            if not stays_home(address):
                faults.append(f"network call to {address}")
                raise NetworkCall(f"no test leaves the machine: {address}")
            return call(*args, **options)

        return wrapper

    for name in ("connect", "connect_ex"):
        setattr(socket.socket, name, guarded(getattr(socket.socket, name), lambda _, address: address))
    socket.socket.sendto = guarded(socket.socket.sendto, lambda *args: args[-1])  # type: ignore[method-assign]
    socket.getaddrinfo = guarded(socket.getaddrinfo, lambda host, *_, **__: (host,))


# Database


def let_tests_empty_the_journal() -> None:
    """A test that commits empties its tables at the end, which the triggers of the journal refuse: lift them for it."""
    from django.db import connection
    from django.test import TransactionTestCase

    from habilis.common.append_only import protect, release
    from habilis.journal.models import Checkpoint, Entry, SigningKey

    guarded = {Entry: ("seq", "leaf_hash"), Checkpoint: (), SigningKey: ("retired_at",)}
    empty = TransactionTestCase._fixture_teardown

    def teardown(self: TransactionTestCase) -> None:
        held = any(model.objects.exists() for model in guarded)
        if held:
            with connection.schema_editor() as editor:
                for model in guarded:
                    release(editor, model)
        empty(self)
        if held:
            with connection.schema_editor() as editor:
                for model, once in guarded.items():
                    protect(editor, model, once)

    TransactionTestCase._fixture_teardown = teardown
