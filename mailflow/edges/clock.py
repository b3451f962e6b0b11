"""The one place that asks the machine what time it is."""

from datetime import UTC, datetime


class SystemClock:
    """The machine's clock, aware UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - everyone else takes the time from here
