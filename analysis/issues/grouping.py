"""Which comments raise one concrete matter: shared names, shared words, joined with care."""

from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from analysis.columns import Columns
from analysis.ragged import Ragged
from analysis.topics import salience

MOST_WITH_NAME = 60
ENOUGH = 0.5

Rows = npt.NDArray[np.int64]


def group(columns: Columns, terms: Ragged, wording: Rows) -> list[Rows]:
    """Rows of each shared matter, copies included, the fullest first."""
    originals = np.flatnonzero((wording == np.arange(len(wording))) & columns.read)
    if len(originals) < 2:
        return []
    names = _names(columns.places, originals)
    words = _words(terms, originals)
    shared = sp.triu(names @ names.T, k=1).tocoo()
    alike = np.asarray(words[shared.row].multiply(words[shared.col]).sum(axis=1)).ravel()
    near = (shared.data > 0.3) & (alike > 0.25)
    graph = sp.coo_matrix(
        (np.ones(near.sum()), (shared.row[near], shared.col[near])), shape=(len(originals),) * 2
    )
    _, labels = sp.csgraph.connected_components(graph, directed=False)
    label_of = np.full(len(wording), -1)
    label_of[originals] = labels
    copies = wording >= 0
    label_of[copies] = label_of[wording[copies]]
    sizes = np.bincount(labels)
    groups = [np.flatnonzero(label_of == label) for label in np.flatnonzero(sizes > 1)]
    return sorted(groups, key=lambda rows: (-len(rows), int(rows[0])))


def _names(places: Ragged, rows: Rows) -> Any:
    table = sp.csr_matrix(
        (np.ones(len(places.values)), places.values, places.starts),
        shape=(len(places), len(places.vocabulary)),
    )[rows]
    counts = np.asarray((table > 0).sum(axis=0)).ravel()
    weights = np.where(
        (counts > 1) & (counts <= MOST_WITH_NAME), np.log(len(rows) / np.maximum(counts, 1)), 0.0
    )
    return _unit(table @ sp.diags(weights))


def _words(terms: Ragged, rows: Rows) -> Any:
    weights = salience.word_weights(terms, rows)
    table = sp.csr_matrix(
        (weights[terms.values], terms.values, terms.starts),
        shape=(len(terms), len(terms.vocabulary)),
    )[rows]
    return _unit(table)


def _unit(table: Any) -> Any:
    norms = np.sqrt(np.asarray(table.multiply(table).sum(axis=1)).ravel())
    return sp.csr_matrix(sp.diags(1 / np.maximum(norms, 1e-9)) @ table)
