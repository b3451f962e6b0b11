"""Whether a retailer's own words confirm what was asked. Only the unmistakable counts."""

from mailflow.understanding.confirmation.asked import Asked
from mailflow.understanding.confirmation.closed import closed_options
from mailflow.understanding.confirmation.judge import judge

__all__ = ["Asked", "closed_options", "judge"]
