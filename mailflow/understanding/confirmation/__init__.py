"""Whether a retailer's own words confirm what was asked. Only the unmistakable counts."""

from mailflow.understanding.confirmation.asked import TOPICS, Asked, Topic
from mailflow.understanding.confirmation.closed import closed_options
from mailflow.understanding.confirmation.judge import judge

__all__ = ["TOPICS", "Asked", "Topic", "closed_options", "judge"]
