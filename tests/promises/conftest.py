"""The demo, loaded once, for every promise that is held against filled pages."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from backend.app import create_app
from backend.demo import loader
from backend.kit.db import Database, make_engine
from backend.kit.settings import Settings


@pytest.fixture(scope="session")
def demo_settings(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of an installation with the demo in it."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copy(sqlite_template, folder / "zhengxun.db")
    settings = Settings(
        data_dir=folder,
        secret_key="d" * 40,
        demo=True,
        base_url="http://testserver",
        allow_plain_http=True,
    )
    engine = make_engine(settings)
    loader.load(Database(engine), settings, tell=lambda _line: None)
    engine.dispose()
    return settings


@pytest.fixture(scope="session")
def demo_app(demo_settings: Settings) -> Iterator[FastAPI]:
    """The application on the demo."""
    app = create_app(demo_settings)
    yield app
    app.state.database.engine.dispose()
