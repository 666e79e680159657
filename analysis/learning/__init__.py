"""Learning from what officials decided.

A learned reader starts from the shipped one and adds what corrections teach; it is compared with it
on the newest corrections, which it has not seen, and takes over class by class only where it wins.
Nothing here is random: the same decisions give the same reader and the same verdict.
"""

from analysis.learning.aliases import AliasExample, ProposedAlias, find_aliases
from analysis.learning.applying import NOTHING_LEARNED, Learned
from analysis.learning.classes import ClassExample, ClassReader, Lesson, learn_classes
from analysis.learning.links import LinkExample, LinkLesson, LinkReader, learn_links
from analysis.learning.splitting import FEWEST_CORRECTED, FEWEST_DECISIONS, TooFew

__all__ = [
    "FEWEST_CORRECTED",
    "FEWEST_DECISIONS",
    "NOTHING_LEARNED",
    "AliasExample",
    "ClassExample",
    "ClassReader",
    "Learned",
    "Lesson",
    "LinkExample",
    "LinkLesson",
    "LinkReader",
    "ProposedAlias",
    "TooFew",
    "find_aliases",
    "learn_classes",
    "learn_links",
]
