"""Whether a retailer's own words confirm what was asked. Only the unmistakable counts."""

from mailflow.understanding.confirmation.asked import TOPICS, Asked, Topic
from mailflow.understanding.confirmation.closed import closed_options
from mailflow.understanding.confirmation.judge import judge, warm_up
from mailflow.understanding.confirmation.lexicon import Lexicon, LexiconError, lexicons_with

__all__ = [
    "TOPICS",
    "Asked",
    "Lexicon",
    "LexiconError",
    "Topic",
    "closed_options",
    "judge",
    "lexicons_with",
    "warm_up",
]
