"""What stands before every address of the API: methods, language, rate, cache, other sites; and the shape of refusals."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import wraps
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext, ngettext
from django.views.decorators.csrf import csrf_exempt

from habilis.registers.api.problems import KINDS, Problem, Refusal, remedy, wrong_parameters
from habilis.registers.views.public import etag

View = Callable[..., HttpResponseBase]

VERSIONS = ("2026-11-24",)  # of the shapes served, the last by default: see docs/api.md
READ = ("GET", "HEAD")
ALLOWED = "GET, HEAD, OPTIONS"
WINDOW = 60  # seconds
FRESH = "public, max-age=60"  # an import shows within a minute, then an unchanged answer costs one small query
SHOWN = "API-Version, Content-Language, ETag, RateLimit-Limit, RateLimit-Policy, RateLimit-Remaining, RateLimit-Reset, Retry-After"


@dataclass(frozen=True, slots=True)
class Allowance:
    """Requests that an address may still make before the window ends."""

    limit: int
    used: int
    seconds: int

    @property
    def is_spent(self) -> bool:
        return self.used > self.limit


def gate(view: View, parameters: Callable[[], Collection[str]]) -> View:
    """Serve a view of the API; `parameters` names those of its address, so that a mistyped one is refused, not ignored."""

    @csrf_exempt  # nothing is written, no session is read
    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        with translation.override(language(request)):
            if request.method == "OPTIONS":
                return preflight()
            allowance = spend(request)
            response = respond(request, allowance, lambda: view(request, *args, **kwargs), parameters)
            return dressed(request, response, allowance)

    return answer


def respond(
    request: HttpRequest,
    allowance: Allowance | None,
    view: Callable[[], HttpResponseBase],
    names: Callable[[], Collection[str]],
) -> HttpResponseBase:
    if request.method not in READ:
        text = gettext("Cette interface se lit : demandez la même adresse avec GET.")
        return problem(Refusal("method-not-allowed", text))
    if allowance and allowance.is_spent:
        return too_many(allowance)
    if request.headers.get("API-Version", VERSIONS[-1]) not in VERSIONS:
        text = gettext("Cette version n’existe pas. Versions servies : %(versions)s.")
        return problem(Refusal("unknown-version", text % {"versions": ", ".join(VERSIONS)}))
    if unknown := [name for name in request.GET if name not in names()]:
        return problem(wrong_parameters((name[:40], remedy({"type": "unknown"})) for name in unknown))
    tag = etag(request)
    if tag and (unchanged := get_conditional_response(request, etag=tag)):
        unchanged.headers["ETag"] = tag
        return unchanged
    head, request.method = request.method == "HEAD", "GET"
    response = view()
    if response.status_code == 200:
        response.headers["Cache-Control"] = FRESH
        if tag:
            response.headers["ETag"] = tag
    return emptied(response) if head else response


def emptied(response: HttpResponseBase) -> HttpResponseBase:
    if isinstance(response, HttpResponse):
        length, response.content = len(response.content), b""
        response.headers["Content-Length"] = str(length)
    return response


def dressed(request: HttpRequest, response: HttpResponseBase, allowance: Allowance | None) -> HttpResponseBase:
    """The headers of every answer. Other sites may read it: everything here is public."""
    headers = response.headers
    headers.setdefault("Cache-Control", "no-store" if response.status_code != 304 else FRESH)
    headers["Vary"] = "Accept-Language, API-Version"
    headers["Content-Language"] = translation.get_language() or settings.LANGUAGE_CODE
    headers["API-Version"] = VERSIONS[-1]
    headers["Access-Control-Allow-Origin"] = "*"
    headers["Access-Control-Expose-Headers"] = SHOWN
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if allowance:
        headers["RateLimit-Policy"] = f'"address";q={allowance.limit};w={WINDOW}'
        headers["RateLimit-Limit"] = str(allowance.limit)
        headers["RateLimit-Remaining"] = str(max(0, allowance.limit - allowance.used))
        headers["RateLimit-Reset"] = str(allowance.seconds)
    return response


def preflight() -> HttpResponse:
    """Answer of a browser that asks whether a page of another site may read here: anybody may, whatever the headers."""
    names = {"Origin": "*", "Methods": ALLOWED, "Headers": "*"}
    headers = {f"Access-Control-Allow-{name}": value for name, value in names.items()}
    return HttpResponse(status=204, headers=headers | {"Access-Control-Max-Age": "86400", "Allow": ALLOWED})


def language(request: HttpRequest) -> str:
    """That of Accept-Language alone: a choice made on the pages does not follow here."""
    request.COOKIES.pop(settings.LANGUAGE_COOKIE_NAME, None)
    return translation.get_language_from_request(request)


# --- how often ------------------------------------------------------------------------------------------------------


def spend(request: HttpRequest) -> Allowance | None:
    """Count this request of its address in the current window; None when no limit is set (`API_RATE_LIMIT` = 0).

    The counter lives in Django's default cache. The one in memory is that of a process: N workers let through N times
    the limit at worst. It protects the service, it is no quota; a shared cache (Redis, Memcached) makes it exact.
    """
    limit = settings.API_RATE_LIMIT
    if not limit:
        return None
    now = int(time.time())
    key = f"api-rate:{client(request)}:{now // WINDOW}"
    try:
        used = 1 if cache.add(key, 1, timeout=WINDOW) else cache.incr(key)
    except ValueError:  # the window ended between the two calls
        used = 1
    return Allowance(limit, used, WINDOW - now % WINDOW)


def client(request: HttpRequest) -> str:
    """The address of the client: the one that the nearest of `API_PROXIES` proxies saw; whole /64 networks in IPv6."""
    proxies = settings.API_PROXIES
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    address = request.META.get("REMOTE_ADDR", "")
    if proxies and forwarded:
        address = forwarded[-min(proxies, len(forwarded))]
    try:
        known = ip_address(address)
    except ValueError:  # a Unix socket, or a proxy that writes something else
        return "unknown"
    return str(known) if known.version == 4 else str(ip_network((int(known), 64), strict=False))


# --- refusals -------------------------------------------------------------------------------------------------------


def problem(refusal: Refusal) -> HttpResponse:
    """RFC 9457. `type` leads to the place of the documentation that explains it."""
    status, title = KINDS[refusal.kind]
    body = Problem(
        type=f"{settings.PUBLIC_URL.rstrip('/')}{reverse('api-docs')}#{refusal.kind}",
        title=str(title),
        status=status,
        detail=refusal.detail,
        errors=refusal.errors,
    )
    response = HttpResponse(body.model_dump_json(), status=status, content_type="application/problem+json")
    if status == 405:
        response.headers["Allow"] = ALLOWED
    return response


def too_many(allowance: Allowance) -> HttpResponse:
    text = ngettext(
        "Cette adresse a dépassé %(limit)d demandes par minute : attendez %(n)d seconde, ou importez un export complet.",
        "Cette adresse a dépassé %(limit)d demandes par minute : attendez %(n)d secondes, ou importez un export complet.",
        allowance.seconds,
    )
    response = problem(Refusal("too-many-requests", text % {"limit": allowance.limit, "n": allowance.seconds}))
    response.headers["Retry-After"] = str(allowance.seconds)
    return response
