"""Errors of all rooms, named by what the caller must do next."""


class MailflowError(Exception):
    """Root of every error that mailflow raises on purpose."""


class TryAgainLater(MailflowError):  # noqa: N818 - named by what to do, not by what it is
    """The outside was unreachable or busy; the same call may succeed later.

    `after_seconds` is the shortest wait that the other side asked for, None if it named none.
    """

    def __init__(self, reason: str, *, after_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after_seconds = after_seconds


class GiveUp(MailflowError):  # noqa: N818 - same
    """Repeating the call cannot help; a person has to look."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BrokenRule(MailflowError):  # noqa: N818 - same
    """The rules contradicted themselves: a defect in mailflow, never in what came in."""
