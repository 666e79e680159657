"""Near-copies: the same letter sent by many hands, across channels and with small changes.

Texts are folded to the characters that carry meaning, sketched with MinHash over character
3-grams (and the smallest hashes of their 16-grams, which find a shared letter inside longer
texts), brought together by locality-sensitive hashing, and joined only after their 3-grams were
really compared. Everything is compiled, seeded by constants and independent of the order in
which processes run. Method: Broder 1997 (resemblance and containment); Leskovec et al., Mining of
Massive Datasets, chapter 3.
"""

from analysis.duplicates.additions import added_spans
from analysis.duplicates.clusters import Cluster, find_clusters, find_clusters_in
from analysis.duplicates.folding import FoldedTexts, fold, fold_many, join_folded, stack_rows
from analysis.duplicates.sketches import Sketch, is_near_copy, near_copies, similarity, sketch

__all__ = [
    "Cluster",
    "FoldedTexts",
    "Sketch",
    "added_spans",
    "find_clusters",
    "find_clusters_in",
    "fold",
    "fold_many",
    "is_near_copy",
    "join_folded",
    "near_copies",
    "similarity",
    "sketch",
    "stack_rows",
]
