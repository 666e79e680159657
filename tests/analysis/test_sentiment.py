"""Feeling: snownlp's scores to the last bit, and the calibrated reading in three classes."""

import csv
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from analysis import evaluation
from analysis.contracts import Sentiment
from analysis.evaluation import answers
from analysis.evaluation.classes import macro_f1
from analysis.evaluation.sentiment import read
from analysis.polarity import cache, tables
from analysis.sentiment import read_sentiment, snownlp_score, snownlp_scores

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("ZHENGXUN_SHARED", ROOT.parent / "shared"))

ODD = [
    " ", "\n", "\t \u3000", "a", "ABC def", "，。！？", "😀😀", "\ud800", "\x00\x01", "１２３",
    "好", "佰捌", "捌佰仟", "龘龘龘龘", "𠮷野家", "好\u200b的", "不好不坏", "的的的的的的",
    "臺灣繁體字測試", "http://a.cn/路?x=1", "第1名，第2名", "一" * 300, "很好" * 200, "a" * 500,
]  # fmt: skip


def varied_texts(count: int) -> list[str]:
    """Project texts cut and mixed, random characters, rare and unknown ones, other scripts."""
    rng = random.Random(20261122)
    written = [a.text for split in ("development", "test") for a in answers.written(split)]
    common = "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着"
    found = list(ODD)
    while len(found) < count:
        kind = rng.random()
        if kind < 0.4:
            text = rng.choice(written)
            start = rng.randrange(len(text))
            found.append(text[start : start + rng.randint(1, 40)])
        elif kind < 0.6:
            found.append(
                rng.choice(written)[:15] + rng.choice(ODD)[:10] + rng.choice(written)[-15:]
            )
        elif kind < 0.8:
            found.append("".join(rng.choice(common) for _ in range(rng.randint(1, 25))))
        else:
            codes = (
                rng.choice((rng.randint(0x4E00, 0x9FFF), rng.randint(32, 0x2FFF)))
                for _ in range(15)
            )
            found.append("".join(map(chr, codes)))
    return found


@pytest.fixture(scope="module")
def stock():
    return pytest.importorskip("snownlp").sentiment


def test_scores_are_bit_identical_to_snownlp_on_2000_varied_texts(stock):
    texts = varied_texts(2000)
    differing = [
        text for text, score in zip(texts, snownlp_scores(texts), strict=True)
        if stock.classify(text) != score
    ]  # fmt: skip
    assert differing == []


@pytest.mark.shared
def test_scores_are_bit_identical_on_real_messages(stock):
    path = SHARED / "data" / "messages.csv"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    with path.open(encoding="utf-8-sig", newline="") as file:
        bodies = [row["body"][:120] for row in csv.DictReader(file)][::26]
    assert [t for t in bodies if t and stock.classify(t) != snownlp_score(t)] == []


def test_one_at_a_time_equals_the_batch():
    texts = varied_texts(60)
    assert [snownlp_score(text) for text in texts] == snownlp_scores(texts).tolist()


def test_the_empty_text_scores_one_half_where_snownlp_fails(stock):
    import snownlp

    with pytest.raises(ZeroDivisionError):
        _ = snownlp.SnowNLP("").sentiments
    assert snownlp_score("") == 0.5
    assert snownlp_scores([]).tolist() == []


def test_it_is_forty_times_as_fast(stock):
    texts = [text * 3 for text in varied_texts(60)[len(ODD) :]]
    snownlp_scores(texts)
    began = time.perf_counter()
    for text in texts:
        stock.classify(text)
    slow = time.perf_counter() - began
    began = time.perf_counter()
    for _ in range(10):
        snownlp_scores(texts)
    fast = (time.perf_counter() - began) / 10
    assert slow / fast >= 40


WITHOUT_NUMBA = """
import importlib.util, sys
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, *a: None if name == "numba" else real(name, *a)
sys.modules["numba"] = None
from analysis.sentiment import snownlp_score
print(repr(snownlp_score("小区环境很好，就是停车难")), repr(snownlp_score("")))
"""


def test_without_numba_the_slow_path_gives_the_same_score():
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT_NUMBA], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert run.stdout.split() == [repr(snownlp_score("小区环境很好，就是停车难")), "0.5"]


def test_a_cache_that_cannot_be_read_is_laid_out_again(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "folder", lambda: tmp_path)
    source = tmp_path / "model"
    source.write_bytes(b"counts")
    assert cache.read((source,)) is None
    cache.write((source,), {"a": tables.np.arange(3)})
    kept = cache.read((source,))
    assert kept is not None
    assert kept["a"].tolist() == [0, 1, 2]
    next(tmp_path.glob("polarity-*.npz")).write_bytes(b"broken")
    assert cache.read((source,)) is None


def test_without_a_home_the_cache_is_a_private_folder_elsewhere(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("no folder can be made below a file")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    monkeypatch.setattr(cache.tempfile, "gettempdir", lambda: str(tmp_path))
    folder = cache.folder()
    assert folder is not None
    assert folder.parent == tmp_path
    assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("楼上天天半夜装修，投诉多次没人管，实在受不了！", Sentiment.NEGATIVE),
        ("担心高压线的辐射影响孩子健康。", Sentiment.NEGATIVE),
        ("请问廉租房怎么申请，需要哪些材料？", Sentiment.NEUTRAL),
        ("建议在公园北门增设一处公共厕所。谢谢！", Sentiment.NEUTRAL),
        ("公园改造后特别漂亮，衷心感谢社区的辛勤付出，点赞！", Sentiment.POSITIVE),
    ],
)
def test_three_classes(text, label):
    assert read_sentiment(text).label is label


def test_a_closing_thank_you_is_no_praise():
    assert read_sentiment("请问这条路什么时候修好？谢谢！").label is Sentiment.NEUTRAL


@pytest.mark.parametrize("text", ["", "a", "😀" * 300, "hello world", "\x00", "\n" * 900, "1234"])
def test_without_chinese_the_reading_is_said_to_be_unreliable(text):
    reading = read_sentiment(text)
    assert not reading.reliable
    assert reading.evidence == ()


def test_evidence_points_at_words_of_the_raw_text():
    text = "尊敬的領導：\n\n小區ＸＸ垃圾成堆，臭氣熏天，沒人管！"
    reading = read_sentiment(text, title="投诉垃圾")
    assert reading.label is Sentiment.NEGATIVE
    assert reading.evidence
    words = {
        ("投诉垃圾" if s.field == "title" else text)[s.start : s.end] for s in reading.evidence
    }
    assert "沒人管" in words


def test_a_long_text_takes_bounded_time():
    began = time.perf_counter()
    read_sentiment("小区门口的路灯坏了没人修，" * 1600)
    assert time.perf_counter() - began < 1.0


def test_written_comments_are_read_well_enough():
    frozen = answers.written("test")
    assert macro_f1([a.sentiment for a in frozen], read(frozen)) >= 0.70


@pytest.mark.shared
def test_real_messages_are_read_well_enough():
    try:
        frozen = answers.messages(SHARED, "test")
    except evaluation.MissingMaterialError as missing:
        pytest.skip(str(missing))
    assert macro_f1([a.sentiment for a in frozen], read(frozen)) >= 0.75
