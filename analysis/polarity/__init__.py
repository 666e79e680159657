"""snownlp's polarity, exactly and fast.

snownlp reads 80–130 comments a second, nearly all of it in its pure-Python segmentation. This
package evaluates the model files that snownlp ships (`seg.marshal.3`, `sentiment.marshal.3`,
`stopwords.txt`) with a compiled Viterbi search in the same order of operations, so that a score is
the same sixty-four bits as `SnowNLP(text).sentiments`. `tables` lays the files out as arrays,
`kernel` searches them, `score` is what others call.
"""

from analysis.polarity.score import score, scores, warm_up

__all__ = ["score", "scores", "warm_up"]
