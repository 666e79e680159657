"""Errors that know their page: a status, a title, and a sentence the reader understands."""

from typing import Any


class PageError(Exception):
    """Raise anywhere below a route; `context` reaches the error page (such as the typed text)."""

    status = 500
    title = "页面暂时打不开"

    def __init__(self, message: str, *, title: str | None = None, **context: Any) -> None:
        super().__init__(message)
        self.message = message
        self.title = title or type(self).title
        self.context = context


class NotFound(PageError):
    status = 404
    title = "没有找到这个页面"


class Gone(PageError):
    status = 410
    title = "这个页面已经撤下"


class SignInNeeded(PageError):
    """The handler sends the browser to the sign-in page and back."""

    status = 401
    title = "请先登录"


class Elsewhere(PageError):
    """Something has to be done first: reading is sent to `path`, what was typed is shown."""

    path = "/"


class Forbidden(PageError):
    status = 403
    title = "您没有权限查看这个页面"


class Conflict(PageError):
    status = 409
    title = "这条内容刚刚被别人改过"


class Refused(PageError):
    """What was sent cannot be accepted as it is."""

    status = 422
    title = "没有提交成功"


class TooMany(PageError):
    status = 429
    title = "操作太频繁"


class Unavailable(PageError):
    """Nothing was stored; the typed text is shown again."""

    status = 503
    title = "暂时无法保存"
