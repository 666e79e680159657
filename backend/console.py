"""What every command shares: standard error, one sentence for a failure, the installation."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer
from rich.console import Console

if TYPE_CHECKING:
    from backend.kit.db import Database
    from backend.kit.settings import Settings

told = Console(stderr=True, highlight=False)


@contextmanager
def one_sentence() -> Iterator[None]:
    """Turn an expected failure into one line on stderr and exit status 2."""
    try:
        yield
    except typer.Exit:
        raise
    except Exception as error:
        sentence = _sentence_for(error)
        if sentence is None:
            raise
        told.print(sentence, markup=False, soft_wrap=True)
        raise typer.Exit(2) from error


def _sentence_for(error: Exception) -> str | None:
    """What to tell of an expected failure; None when it is a fault of ours."""
    from sqlalchemy.exc import OperationalError, ProgrammingError

    from backend.web.errors import PageError

    if isinstance(error, PageError):
        return error.message
    if isinstance(error, (OperationalError, ProgrammingError)):
        return (
            "数据库打不开，或者结构还没有建立。请运行 zhengxun migrate，再用 zhengxun doctor 检查。"
        )
    if isinstance(error, (ValueError, OSError)):
        return str(error) or type(error).__name__
    return None


def open_installation() -> "tuple[Settings, Database]":
    """The settings of this process and their database; logs begin."""
    from backend.kit import logs
    from backend.kit.db import Database, make_engine
    from backend.kit.settings import get_settings

    settings = get_settings()
    logs.configure(settings)
    return settings, Database(make_engine(settings))
