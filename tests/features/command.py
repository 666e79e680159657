"""Runs the `zhengxun` command as a person would: in a process of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EXECUTABLE = Path(sys.executable).with_name("zhengxun")


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it said."""

    status: int
    out: str
    told: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run(*arguments: str | Path, data_dir: Path, timeout: float = 240, **settings: str) -> Ran:
    """`run("plan", "parse", file, data_dir=…, demo="true")`; settings by their short names."""
    ours = {f"ZHENGXUN_{name.upper()}": value for name, value in settings.items()}
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("ZHENGXUN_")}
    done = subprocess.run(
        [str(EXECUTABLE), *map(str, arguments)],
        env=inherited | {"ZHENGXUN_DATA_DIR": str(data_dir)} | ours,
        cwd=data_dir,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=timeout,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def refused(ran: Ran) -> str:
    """The one Chinese sentence of a command that could not do what was asked."""
    assert ran.status == 2, ran.told
    assert ran.out == ""
    assert "Traceback" not in ran.told
    lines = [line for line in ran.told.splitlines() if line.strip() and not line.startswith("{")]
    said = "".join(lines)
    assert any("\u4e00" <= char <= "\u9fff" for char in said), said
    assert said.count("。") <= 2, said
    return said
