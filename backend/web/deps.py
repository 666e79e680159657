"""The dependencies routes share. A write is committed before its answer leaves."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel import Session

from backend.kit.db import Database
from backend.kit.settings import Settings


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _now(request: Request) -> datetime:
    moment: datetime = request.app.state.clock()
    return moment


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def _reading(request: Request) -> Iterator[Session]:
    with _database(request).reading() as session:
        yield session


def _writing(request: Request) -> Iterator[Session]:
    with _database(request).writing() as session:
        yield session


AppSettings = Annotated[Settings, Depends(_settings)]
AppDatabase = Annotated[Database, Depends(_database)]
Now = Annotated[datetime, Depends(_now)]
# FastAPI would otherwise end a dependency, and so commit, only after answering.
ReadSession = Annotated[Session, Depends(_reading, scope="function")]
WriteSession = Annotated[Session, Depends(_writing, scope="function")]
