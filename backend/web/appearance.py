"""长者版: larger type and buttons, remembered in a cookie, without JavaScript."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.responses import Response

from backend.web.access import public
from backend.web.pages import ELDER_COOKIE, redirect

router = APIRouter(dependencies=[Depends(public)], include_in_schema=False)
A_YEAR = 365 * 24 * 3600


@router.post("/appearance")
def choose(
    mode: Annotated[str, Form()] = "normal",
    next: Annotated[str, Form()] = "/",  # noqa: A002
) -> Response:
    response = redirect(own_path(next))
    if mode == "elder":
        response.set_cookie(ELDER_COOKIE, "1", max_age=A_YEAR, httponly=True, samesite="lax")
    else:
        response.delete_cookie(ELDER_COOKIE)
    return response


def own_path(path: str) -> str:
    """`path` when it is a path of this site, otherwise the home page."""
    is_own = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if is_own and "\n" not in path and "\r" not in path else "/"
