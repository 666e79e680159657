"""`python -m analysis.evaluation.fit`: fit the weights of the readers on the development labels.

Every message is used with its title, without, and with both in one field, so that the reader holds
in whatever form a comment comes. The result, `analysis/data/{sentiment,intent}/weights.json`, holds
a number for each feature and class and no word of any message. Test labels are never read here.
"""

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from analysis import data
from analysis.evaluation import answers
from analysis.evaluation.__main__ import shared_folder
from analysis.evaluation.answers import Answer
from analysis.features import features, names, snownlp_of

STRENGTH = {"sentiment": 0.1, "intent": 0.1}
_CLASSES = {
    "sentiment": ("negative", "neutral", "positive"),
    "intent": ("complains", "proposes", "asks", "supports", "opposes", "other"),
}


def development(shared: Path | None) -> list[Answer]:
    """Everything the weights may be fitted on."""
    return answers.messages(shared, "development") + answers.written("development")


def forms_of(answer: Answer) -> list[tuple[str | None, str]]:
    """Title and text as they may come: apart, the text alone, or both in one field."""
    if not answer.title:
        return [(None, answer.text)]
    both = f"{answer.title}\n{answer.text}"
    return [(answer.title, answer.text), (None, answer.text), (None, both)]


def matrix(
    answered: list[Answer], subject: str
) -> tuple[NDArray[np.float64], list[str], NDArray[np.float64]]:
    """Features, labels and weights; the forms of one message share its weight."""
    rows, labels, weights = [], [], []
    for answer in answered:
        forms = forms_of(answer)
        for title, text in forms:
            row = np.zeros(len(names()))
            for position, value in features(text, title, snownlp_of(text)):
                row[position] = value
            rows.append(row)
            labels.append(getattr(answer, subject))
            weights.append(1 / len(forms))
    return np.array(rows), labels, np.array(weights)


def fit(answered: list[Answer], subject: str, strength: float | None = None) -> LogisticRegression:
    """Multinomial logistic regression; rare classes weigh more, by the root of their rarity."""
    rows, labels, weights = matrix(answered, subject)
    counts = {label: labels.count(label) for label in set(labels)}
    counts["other"] = len(labels)  # what nothing speaks for is seldom really empty
    balance = np.array([(len(labels) / counts[label]) ** 0.5 for label in labels])
    model = LogisticRegression(
        C=strength or STRENGTH[subject], max_iter=5000, fit_intercept=False, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(rows, labels, sample_weight=weights * balance)
    return model


def write(model: Any, subject: str) -> Path:
    """Keep the weights that are not zero, rounded, in the order of the classes."""
    kept: dict[str, dict[str, float]] = {}
    for label in _CLASSES[subject]:
        row = model.coef_[list(model.classes_).index(label)]
        kept[label] = {
            n: round(float(w), 3) for n, w in zip(names(), row, strict=True) if round(w, 3)
        }
    path = Path(data.__file__).parent / subject / "weights.json"
    about = f"fitted by `python -m analysis.evaluation.fit`, C={STRENGTH[subject]}"
    text = json.dumps({"about": about, "weights": kept}, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def main() -> int:
    """Fit both readers; 2 when the shared messages are missing."""
    answered = development(shared_folder())
    for subject in STRENGTH:
        print(write(fit(answered, subject), subject))
    return 0


if __name__ == "__main__":
    sys.exit(main())
