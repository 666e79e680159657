"""Static files, addressed with the hash of their content so that browsers may keep them."""

import hashlib
from functools import lru_cache
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"
STATIC = FRONTEND / "static"
FOREVER = "public, max-age=31536000, immutable"


@lru_cache(maxsize=256)
def _fingerprint(path: Path, _modified: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def static_url(name: str) -> str:
    """`css/public.css` → `/static/css/public.css?v=…`; raises when the file is missing."""
    path = STATIC / name
    return f"/static/{name}?v={_fingerprint(path, path.stat().st_mtime_ns)}"


class HashedStaticFiles(StaticFiles):
    """Serves the files; one asked for by its hash never changes."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        hashed = scope["query_string"].startswith(b"v=")
        response.headers["Cache-Control"] = FOREVER if hashed else "public, max-age=300"
        return response
