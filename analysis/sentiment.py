"""What a resident feels: snownlp's polarity, exactly, and a calibrated reading in three classes.

snownlp was trained on shopping reviews: on residents' messages its score alone is near a coin. Here
it is one voice among the cues of anger, grief, worry, reproach, praise and calm inquiry; how much
each counts was fitted on messages labelled by reading (`python -m analysis.evaluation.fit`).
Negative: a complaint, a fear, a hardship. Positive: praise, or thanks for something done — the
谢谢 that ends a letter is none. Neutral: questions and proposals put calmly.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis import polarity
from analysis.contracts import Sentiment, Span
from analysis.features import features, signals, snownlp_of, weights

_RELIABLE_FROM = 0.6
_SHORTEST = 4
_EVIDENCE = 6
_CHINESE = re.compile("[一-鿿]")


@dataclass(frozen=True, slots=True)
class SentimentReading:
    """`score` is snownlp's own; `confidence` the probability of the label; raw evidence spans."""

    label: Sentiment
    score: float
    confidence: float
    reliable: bool
    evidence: tuple[Span, ...] = ()


def snownlp_score(text: str) -> float:
    """`SnowNLP(text).sentiments`, bit for bit; 0.5 for the empty text, where that one fails."""
    return polarity.score(text)


def snownlp_scores(texts: Sequence[str]) -> NDArray[np.float64]:
    """The same for many texts in one compiled call."""
    return polarity.scores(texts)


def warm_up() -> None:
    """Load snownlp's tables and the compiled search before the first resident waits for them."""
    polarity.warm_up()


def read_sentiment(
    text: str,
    title: str | None = None,
    score: float | None = None,
    *,
    probabilities: Sequence[float] | None = None,
) -> SentimentReading:
    """The feeling of a comment.

    `score` and `probabilities` may carry what was computed for many comments at once.
    """
    polar = snownlp_of(text) if score is None else score
    body = signals(text)
    if not (_CHINESE.search(body.folded.text) or _CHINESE.search(signals(title or "").folded.text)):
        return SentimentReading(Sentiment.NEUTRAL, polar, 1 / 3, reliable=False)
    model = weights("sentiment")
    if probabilities is None:
        probabilities = model.probabilities(features(text, title, polar))
    best = max(range(len(probabilities)), key=probabilities.__getitem__)
    label = Sentiment(model.classes[best])
    reliable = probabilities[best] >= _RELIABLE_FROM and len(body.folded.text) >= _SHORTEST
    return SentimentReading(
        label, polar, probabilities[best], reliable, _evidence(label, text, title)
    )


def _evidence(label: Sentiment, text: str, title: str | None) -> tuple[Span, ...]:
    """The cues that speak most for the label, in reading order."""
    model = weights("sentiment")
    weighed = []
    for field, raw in (("title", title or ""), ("text", text)):
        seen = signals(raw)
        for cue in seen.found[1]:
            name = f"not:s.{cue.group}" if cue.negated else f"s.{cue.group}"
            if (weight := model.speaks_for(label, name)) > 0:
                weighed.append((-weight, field, *seen.folded.span(cue.start, cue.end)))
    strongest = sorted(weighed)[:_EVIDENCE]
    return tuple(
        Span(field, start, end)
        for _, field, start, end in sorted(strongest, key=lambda e: (e[1] == "text", e[2]))
    )
