"""OpenID Connect Core 1.0, code flow with PKCE (RFC 7636): what is asked and what is believed.

Three requests go to the provider, none while a database transaction is open. An ID token is
believed when one of the provider's published keys signed it with an asymmetric algorithm, and
issuer, audience, time and nonce are the ones expected (Core 3.1.3.7). Off unless configured.
"""

import base64
import hashlib
import json
import secrets
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from backend.kit.sealing import seal, unseal
from backend.kit.settings import Settings
from backend.web.errors import PageError

# Never `none`, never HMAC: a public key must not pass for a shared secret (RFC 8725, 3.1).
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
TIMEOUT_SECONDS = 10
MOST_BYTES = 1_000_000
LEEWAY_SECONDS = 60
LIFETIME_SECONDS = 600
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class SignOnFailed(PageError):
    """The provider, or whoever pretends to be it, said something that is not believed."""

    status = 422
    title = "统一身份认证没有完成"


@dataclass(frozen=True, slots=True)
class Journey:
    """What a browser carries, sealed, while it is at the provider."""

    state: str
    nonce: str
    verifier: str
    goal: str
    started: int
    officer_id: int | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is to the provider; `subject` never changes, `username` may."""

    subject: str
    username: str


def is_on(settings: Settings) -> bool:
    return bool(settings.oidc_issuer and settings.oidc_client_id)


def callback_url(settings: Settings) -> str:
    return settings.base_url.rstrip("/") + "/sign-in/oidc/callback"


def begin(goal: str, *, now: datetime, officer_id: int | None = None) -> Journey:
    """A journey of its own for every attempt; with `officer_id` it links that account."""
    return Journey(
        state=secrets.token_urlsafe(24),
        nonce=secrets.token_urlsafe(24),
        verifier=secrets.token_urlsafe(48),
        goal=goal,
        started=int(now.timestamp()),
        officer_id=officer_id,
    )


def pack(journey: Journey, settings: Settings) -> str:
    """The journey as a cookie's value, readable by this installation only."""
    return seal(settings.secret(), json.dumps(asdict(journey)))


def unpack(cookie: str, settings: Settings, *, state: str, now: datetime) -> Journey:
    """The journey this answer belongs to; raises when it is none of this browser's."""
    opened = unseal(settings.secret(), cookie) if cookie else None
    journey = Journey(**json.loads(opened)) if opened is not None else None
    if (
        journey is None
        or not secrets.compare_digest(journey.state.encode(), state.encode())
        or now.timestamp() - journey.started > LIFETIME_SECONDS
    ):
        raise SignOnFailed("这次登录已经过期，或者不是从这个浏览器开始的。请回到登录页面重新开始。")
    return journey


def authorisation_url(settings: Settings, journey: Journey) -> str:
    """Where the browser goes to identify itself."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(journey.verifier.encode()).digest())
    query = {
        "response_type": "code",
        "client_id": settings.oidc_client_id,
        "redirect_uri": callback_url(settings),
        "scope": "openid profile",
        "state": journey.state,
        "nonce": journey.nonce,
        "code_challenge": challenge.rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    address = _endpoint(_discover(settings), "authorization_endpoint")
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(query)}"


def identify(settings: Settings, journey: Journey, code: str, *, now: datetime) -> Identity:
    """Exchange the code and read the ID token; raises `SignOnFailed` unless all of it holds."""
    provider = _discover(settings)
    answer = _fetch(_endpoint(provider, "token_endpoint"), _exchange(settings, journey, code))
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise SignOnFailed("统一身份认证没有给出身份信息，请稍后重试。")
    claims = _claims(settings, token, _fetch(_endpoint(provider, "jwks_uri")), journey, now)
    username = claims.get(settings.oidc_username_claim)
    return Identity(
        subject=f"{settings.oidc_issuer} {claims['sub']}",
        username=username if isinstance(username, str) else "",
    )


def _exchange(settings: Settings, journey: Journey, code: str) -> dict[str, str]:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": callback_url(settings),
        "client_id": settings.oidc_client_id,
        "code_verifier": journey.verifier,
    }
    if settings.oidc_client_secret is not None:
        form["client_secret"] = settings.oidc_client_secret.get_secret_value()
    return form


def _claims(
    settings: Settings, token: str, keys: dict[str, Any], journey: Journey, now: datetime
) -> dict[str, Any]:
    registry = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": settings.oidc_issuer},
        aud={"essential": True, "value": settings.oidc_client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": journey.nonce},
    )
    try:
        decoded = jwt.decode(token, KeySet.import_key_set(keys), algorithms=list(ALGORITHMS))  # type: ignore[arg-type]
        claims: dict[str, Any] = decoded.claims
        registry.validate(claims)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise SignOnFailed(
            "统一身份认证给出的身份信息没有通过核验，没有登录。请重试；仍然不行请联系管理员。"
        ) from error
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (several or "azp" in claims) and claims.get("azp") != settings.oidc_client_id:
        raise SignOnFailed("统一身份认证给出的身份信息是给另一个系统的，没有登录。")
    return claims


def _discover(settings: Settings) -> dict[str, Any]:
    issuer = settings.oidc_issuer
    provider = _fetch(issuer.rstrip("/") + "/.well-known/openid-configuration")
    if provider.get("issuer") != issuer:
        raise SignOnFailed("统一身份认证的地址和它自己声明的不一致，请管理员检查设置。")
    return provider


def _endpoint(provider: dict[str, Any], name: str) -> str:
    address = provider.get(name)
    if not isinstance(address, str):
        raise SignOnFailed("统一身份认证的配置不完整，请管理员检查设置。")
    return address


def _fetch(address: str, form: dict[str, str] | None = None) -> dict[str, Any]:
    """JSON from the provider: a GET, or a POST of `form`. Encrypted, except on this machine."""
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise SignOnFailed("统一身份认证的地址没有加密，不能使用，请管理员检查设置。")
    data = None if form is None else urlencode(form).encode()
    request = urllib.request.Request(address, data, {"Accept": "application/json"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            found = json.loads(answer.read(MOST_BYTES))
    except (urllib.error.URLError, TimeoutError, ValueError, OSError) as error:
        raise SignOnFailed("统一身份认证现在连不上，请稍后重试，或者用密码登录。") from error
    if not isinstance(found, dict):
        raise SignOnFailed("统一身份认证的回答无法读懂，请管理员检查设置。")
    return found
