"""The same plan in other formats, encodings, line breaks and numberings reads the same."""

import pytest

from analysis.contracts import ParsedPlan
from analysis.documents import read_bytes
from analysis.evaluation.plans import likeness
from analysis.evaluation.planvariants import VARIANTS
from analysis.outline import parse
from tests.analysis import plan_samples


def long_plan() -> str:
    """The district sample without the flaws that only its own form shows."""
    text = plan_samples.DISTRICT.replace("发展普惠托育", "第二节 发展普惠托育")
    text = text.replace("三、强化评估", "二、强化评估").replace(
        "资源下沉到社区", "资源下沉到社区。"
    )
    return text[text.index("临河区公共服务\n") :]


@pytest.fixture(scope="module")
def plan() -> ParsedPlan:
    return parse(read_bytes(long_plan().encode(), "规划.txt"))


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_reads_like_the_original(variant: str, plan: ParsedPlan) -> None:
    again = parse(read_bytes(VARIANTS[variant](plan), variant))
    assert likeness(plan, again) == {
        "headings F1": 1.0,
        "indicators": 1.0,
        "targets F1": 1.0,
        "tasks F1": 1.0,
    }
    assert again.title == plan.title
