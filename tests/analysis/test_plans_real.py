"""The five real plans, where they stand beside the checkout, against their answer keys."""

import json
import os
import time
from pathlib import Path

import pytest

from analysis.evaluation.plans import KEYS, score
from analysis.outline import parse_file

SHARED = Path(os.environ.get("ZHENGXUN_SHARED", Path(__file__).resolve().parents[3] / "shared"))
LEAST = {
    "headings F1": 0.98,
    "indicators": 1.0,
    "targets recall": 0.90,
    "targets precision": 0.90,
    "tasks recall": 0.90,
    "tasks precision": 0.85,
    "notice": 1.0,
}


@pytest.mark.shared
@pytest.mark.parametrize("key", sorted(KEYS.glob("*.json")), ids=lambda path: path.stem)
def test_a_real_plan_reaches_the_promised_figures(key: Path) -> None:
    source = SHARED / "plans" / f"{key.stem}.txt"
    if not source.exists():
        pytest.skip(f"{source.name} is not beside this checkout")
    started = time.perf_counter()
    plan = parse_file(source)
    seconds = time.perf_counter() - started
    scores = score(plan, json.loads(key.read_text(encoding="utf-8")))
    assert {name: value for name, value in scores.items() if value < LEAST[name]} == {}
    assert seconds < 5


def test_the_keys_say_who_made_them_and_hold_no_text_of_the_plans() -> None:
    keys = [json.loads(path.read_text(encoding="utf-8")) for path in KEYS.glob("*.json")]
    assert len(keys) == 5
    for key in keys:
        assert key["made_by"]
        strings = [title for _, _, title in key["headings"]] + [title for _, title in key["tasks"]]
        assert max(map(len, strings)) <= 60
