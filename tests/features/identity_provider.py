"""A small identity provider (OpenID Connect) on this machine: real HTTP, real RS256 keys.

It can be told to lie, one lie at a time, as a hostile or broken provider would.
"""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlencode

import uvicorn
from fastapi import FastAPI, Request
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.responses import JSONResponse, RedirectResponse, Response

CLIENT_ID = "zhengxun-test"
Lie = Callable[[dict[str, Any]], None]


class Provider:
    """Who is signed in there (`subject`, `username`), its keys, and how it lies."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.key = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})
        self.stranger = RSAKey.generate_key(2048, {"kid": "k1"})
        self.subject, self.username = "u-1001", "shen"
        self.issuer = ""
        self.lie: Lie = lambda _claims: None
        self.forge: Callable[[dict[str, Any]], str] | None = None
        self.codes: dict[str, dict[str, str]] = {}

    def token(self, nonce: str) -> str:
        now = int(self.now())
        claims: dict[str, Any] = {
            "iss": self.issuer, "aud": CLIENT_ID, "sub": self.subject, "nonce": nonce,
            "iat": now, "exp": now + 300, "preferred_username": self.username,
        }  # fmt: skip
        self.lie(claims)
        if self.forge is not None:
            return self.forge(claims)
        return jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.key)

    def unsigned(self, claims: dict[str, Any]) -> str:
        return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(claims)}."

    def signed_by_a_stranger(self, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.stranger)

    def signed_with_the_public_key_as_secret(self, claims: dict[str, Any]) -> str:
        signed = f"{_part({'alg': 'HS256', 'kid': 'k1'})}.{_part(claims)}"
        secret = self.key.as_pem(private=False)
        return f"{signed}.{_base64(hmac.digest(secret, signed.encode(), 'sha256'))}"


def _part(value: dict[str, Any]) -> str:
    return _base64(json.dumps(value).encode())


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _application(provider: Provider) -> FastAPI:
    app = FastAPI()

    @app.get("/.well-known/openid-configuration")
    def configuration() -> dict[str, str]:
        base = provider.issuer
        return {
            "issuer": base, "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token", "jwks_uri": f"{base}/keys",
        }  # fmt: skip

    @app.get("/keys")
    def keys() -> dict[str, Any]:
        return {"keys": [provider.key.as_dict(private=False)]}

    @app.get("/authorize")
    def authorize(request: Request) -> Response:
        asked = dict(request.query_params)
        code = secrets.token_urlsafe(8)
        provider.codes[code] = asked
        back = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", 303)

    @app.post("/token")
    async def token(request: Request) -> Response:
        form = {k: v[0] for k, v in parse_qs((await request.body()).decode()).items()}
        asked = provider.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = _base64(digest)
        if asked is None or challenge != asked["code_challenge"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse({"id_token": provider.token(asked["nonce"]), "token_type": "Bearer"})

    return app


@contextmanager
def running(provider: Provider) -> Iterator[Provider]:
    """The provider, answering on a free port of this machine."""
    config = uvicorn.Config(_application(provider), port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    provider.issuer = f"http://127.0.0.1:{port}"
    try:
        yield provider
    finally:
        server.should_exit = True
        thread.join()
