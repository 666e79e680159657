"""What a resident wants, and where they stand toward an item of the plan.

Intent is read from the same cues as feeling, with weights of its own: complains, proposes, asks,
supports, opposes, other. Several clauses may differ, so each clause is given the intent its own
cues show; the comment's intent weighs all of them, the title and the opening. Negation is read by
scope (不反对, 没有意见, 并非不支持), a polite wish about something that is too much (希望…太…) is a
complaint, and a question that wants no answer (难道, 凭什么) is a reproach. Below a threshold the
reader abstains: `intent` is None.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from analysis.contracts import Intent, Span, Stance
from analysis.cues import Cue
from analysis.features import Signals, features, signals, snownlp_of, weights
from analysis.segment import Clause

_Pair = tuple[Clause, list[Cue]]

_ABSTAIN_BELOW = 0.34
_EVIDENCE = 6
_ONE_THOUGHT = 3  # a comment of so few clauses takes one side, wherever its evidence stands

_OF_GROUP = {
    "accuse": Intent.COMPLAINS,
    "report": Intent.COMPLAINS,
    "wrong": Intent.COMPLAINS,
    "nuisance": Intent.COMPLAINS,
    "reproach": Intent.COMPLAINS,
    "remedy": Intent.COMPLAINS,
    "suggest": Intent.PROPOSES,
    "build": Intent.PROPOSES,
    "wish": Intent.PROPOSES,
    "ask": Intent.ASKS,
    "why": Intent.ASKS,
    "against": Intent.OPPOSES,
    "oppose": Intent.OPPOSES,
    "support": Intent.SUPPORTS,
    "praise": Intent.SUPPORTS,
}
# Which purpose a clause shows when its cues point to several: the first of these.
_PRECEDENCE = (
    Intent.OPPOSES, Intent.SUPPORTS, Intent.COMPLAINS, Intent.PROPOSES, Intent.ASKS,
)  # fmt: skip
_ASKS_FOR = re.compile(
    r"尽快|早日|尽早|赶紧|赶快|早点|应该|应当|[应要]多|请(?!问).{0,4}[建修装增加]"
)
_LESS_OF_IT = re.compile(
    r"取消|不要|不再|别再|停止|停建|暂缓|缓建|撤[销掉回]|拆[除掉]|禁止|少[建搞设]|太[多高贵密吵]|过[多高于]|[吗呢]$"
)
_FINDS_FAULT = (Intent.COMPLAINS, Intent.OPPOSES, Intent.ASKS)
_TAKES_SIDES = (Intent.SUPPORTS, Intent.OPPOSES)
_SARCASM = re.compile(
    r"真是(?:太)?[好棒厉]|[好棒厉]害了|可真|呵呵|\[微笑\]|好一个|所谓的?|美其名曰|佩服得"
)
_TOO_MUCH = re.compile(r"太(?![好棒美感赞])|过[于高低多少长短]")


@dataclass(frozen=True, slots=True)
class ClauseIntent:
    """One clause of the body and the purpose its own cues show; raw offsets."""

    span: Span
    intent: Intent


@dataclass(frozen=True, slots=True)
class IntentReading:
    """`intent` None: the reader abstained. `evidence` holds the cues that speak for it."""

    intent: Intent | None
    confidence: float
    evidence: tuple[Span, ...] = ()
    clauses: tuple[ClauseIntent, ...] = ()


def read_intent(
    text: str,
    title: str | None = None,
    score: float | None = None,
    *,
    by_clause: bool = True,
    probabilities: Sequence[float] | None = None,
) -> IntentReading:
    """What the sender wants.

    `score` and `probabilities` may carry what was computed for many comments at once. A corpus
    that does not show single clauses saves a third of the time with `by_clause=False`.
    """
    body = signals(text)
    if not body.clauses and not (title and title.strip()):
        return IntentReading(Intent.OTHER, 1.0)
    model = weights("intent")
    if probabilities is None:
        polar = snownlp_of(text) if score is None else score
        probabilities = model.probabilities(features(text, title, polar))
    best = max(range(len(probabilities)), key=probabilities.__getitem__)
    intent = Intent(model.classes[best]) if probabilities[best] >= _ABSTAIN_BELOW else None
    own = _by_clause(body) if by_clause else ()
    return IntentReading(intent, probabilities[best], _evidence(intent, text, title), own)


def _evidence(intent: Intent | None, text: str, title: str | None) -> tuple[Span, ...]:
    found: list[Span] = []
    for field, raw in (("title", title or ""), ("text", text)):
        seen = signals(raw)
        speaking = (c for c in seen.found[0] if intent is not None and _intent_of(c) is intent)
        found.extend(Span(field, *seen.folded.span(c.start, c.end)) for c in speaking)
    return tuple(found[:_EVIDENCE])


def _intent_of(cue: Cue) -> Intent | None:
    """A cue's own purpose; negation turns a plain yes or no round (不太赞成, 没有人反对)."""
    if cue.negated and cue.group in ("support", "praise"):
        return Intent.OPPOSES
    if cue.negated and cue.group == "against":
        return Intent.SUPPORTS
    return _OF_GROUP.get(cue.group)


def _by_clause(body: Signals) -> tuple[ClauseIntent, ...]:
    found = []
    for clause, inside in _cues_of_clauses(body):
        if intent := _clause_intent(clause, inside):
            found.append(
                ClauseIntent(Span("text", *body.folded.span(clause.start, clause.end)), intent)
            )
    return tuple(found)


def _cues_of_clauses(body: Signals) -> list[_Pair]:
    pairs, at, cues = [], 0, body.found[0]
    for clause in body.clauses:
        while at < len(cues) and cues[at].start < clause.start:
            at += 1
        inside = []
        while at < len(cues) and cues[at].start < clause.end:
            inside.append(cues[at])
            at += 1
        if not clause.boilerplate:
            pairs.append((clause, inside))
    return pairs


def _clause_intent(clause: Clause, inside: Sequence[Cue]) -> Intent | None:
    shown = {intent for cue in inside if (intent := _intent_of(cue))}
    if Intent.PROPOSES in shown and _TOO_MUCH.search(clause.text):
        shown.add(Intent.COMPLAINS)
        shown.discard(Intent.PROPOSES)
    if Intent.SUPPORTS in shown and _SARCASM.search(clause.text):
        return Intent.COMPLAINS
    if Intent.ASKS in shown and Intent.COMPLAINS not in shown and "?" in clause.closes:
        return Intent.ASKS
    return next((intent for intent in _PRECEDENCE if intent in shown), None)


# --- Stance --------------------------------------------------------------------------------------


def read_stance(
    text: str, spans: Sequence[Span] | None = None, title: str | None = None
) -> Stance | None:
    """Where the sender stands toward the item that the evidence spans point to.

    The sentences that hold the evidence count, and those next to them where they take no side;
    without spans the whole comment does. Who asks for what the item promises (希望早日加装电梯)
    supports it, unless the same sentence finds fault or wants less of it. None: nothing to read.
    """
    for_it = against = wanted = 0
    if not text.strip() and not (title and title.strip()):
        return None
    for field, raw in (("title", title or ""), ("text", text)):
        chosen = [s for s in spans or () if s.field == field]
        if spans and not chosen:
            continue
        pro, con = _sides(raw, chosen)
        for_it, against = for_it + pro, against + con
        wanted += bool(chosen) and _wants(raw, chosen)
    if for_it and against:
        return Stance.MIXED
    if for_it or against:
        return Stance.SUPPORTS if for_it else Stance.OPPOSES
    return Stance.SUPPORTS if wanted else Stance.NONE


def _sides(raw: str, spans: Sequence[Span]) -> tuple[int, int]:
    """Clauses for and against: in the sentences of the evidence, else in those next to them."""
    body = signals(raw)
    if not any(_intent_of(cue) in _TAKES_SIDES for cue in body.found[0]):
        return 0, 0
    sentences = _sentences(raw)
    if not spans or sum(map(len, sentences)) <= _ONE_THOUGHT:
        return _count(body, [pair for sentence in sentences for pair in sentence])
    hit = [i for i, sentence in enumerate(sentences) if _holds(body, sentence, spans)]
    own = _count(body, [pair for i in hit for pair in sentences[i]])
    if any(own):
        return own
    near = sorted({j for i in hit for j in (i - 1, i + 1) if 0 <= j < len(sentences)})
    return _count(body, [pair for i in near for pair in sentences[i]])


def _wants(raw: str, spans: Sequence[Span]) -> bool:
    """Whether a sentence of the evidence asks for what it names and says nothing against it."""
    body = signals(raw)
    for sentence in _sentences(raw):
        if not _holds(body, sentence, spans):
            continue
        cues = [cue for _, inside in sentence for cue in inside]
        said = body.folded.text[sentence[0][0].start : sentence[-1][0].end]
        asks = _ASKS_FOR.search(said) or any(
            cue.group in ("wish", "suggest") and not cue.negated for cue in cues
        )
        faults = any(_intent_of(cue) in _FINDS_FAULT for cue in cues)
        if asks and not faults and not _LESS_OF_IT.search(said):
            return True
    return False


@lru_cache(maxsize=8)
def _sentences(raw: str) -> tuple[tuple[_Pair, ...], ...]:
    """The clauses with their cues by sentence; remembered for the next item of the comment."""
    found: list[list[_Pair]] = [[]]
    for pair in _cues_of_clauses(signals(raw)):
        found[-1].append(pair)
        if not pair[0].closes.startswith((",", ":")):
            found.append([])
    return tuple(tuple(sentence) for sentence in found if sentence)


def _holds(body: Signals, sentence: Sequence[_Pair], spans: Sequence[Span]) -> bool:
    start, end = body.folded.span(sentence[0][0].start, sentence[-1][0].end)
    return any(span.start < end and start < span.end for span in spans)


def _count(body: Signals, pairs: list[_Pair]) -> tuple[int, int]:
    pro = con = 0
    # 请取缔, 立即停止 next to a grievance is aimed at the nuisance, not at the item that fights it.
    aggrieved = any(_intent_of(cue) is Intent.COMPLAINS for _, inside in pairs for cue in inside)
    for clause, inside in pairs:
        shown = {_intent_of(cue) for cue in inside if not (aggrieved and cue.group == "oppose")}
        sarcastic = _SARCASM.search(body.folded.text[clause.start : clause.end + 4]) is not None
        pro += Intent.SUPPORTS in shown and not sarcastic
        con += Intent.OPPOSES in shown or (Intent.SUPPORTS in shown and sarcastic)
    return pro, con
