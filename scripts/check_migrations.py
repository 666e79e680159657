"""Holds the migrations to the models: up from empty, nothing left to generate, one head."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from alembic.util import CommandError

from backend.kit import migrations
from backend.kit.db import make_engine
from backend.kit.settings import Settings


def main() -> int:
    with TemporaryDirectory() as folder:
        engine = make_engine(Settings(data_dir=Path(folder)))
        migrations.head_revision()
        migrations.upgrade(engine)
        config = migrations.alembic_config()
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            try:
                command.check(config)
            except CommandError as error:
                print(error, file=sys.stderr)
                return 1
        engine.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main())
