"""Linking comments to the indicators, tasks and sections of a plan.

Residents do not speak plan language, so an alias lexicon of everyday expressions carries most of
the weight; see `linker` for the sums and `decide` for what is made of them.
"""

from analysis.linking.decide import LinkReading
from analysis.linking.items import PlanItem, plan_items
from analysis.linking.lexicon import Alias, AliasLexicon
from analysis.linking.linker import Linker

__all__ = ["Alias", "AliasLexicon", "LinkReading", "Linker", "PlanItem", "plan_items"]
