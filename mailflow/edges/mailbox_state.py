"""What the watcher of a mailbox said last, and since when it has not read it."""

import threading
from datetime import datetime

from mailflow.workflow.ports import Clock

_READING = "watching"  # the watcher's word while all is well


class MailboxState:
    """Told by the watcher, asked by everybody else. Safe for many threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._state = "not tried yet"
        self._unread_since: datetime | None = clock.now()
        self._attempted = False

    def hear(self, state: str) -> None:
        with self._lock:
            self._state = state
            self._attempted = True
            if state == _READING:
                self._unread_since = None
            elif self._unread_since is None:
                self._unread_since = self._clock.now()

    @property
    def attempted(self) -> bool:
        """Was a first login tried, however it ended?"""
        return self._attempted

    @property
    def state(self) -> str:
        return self._state

    @property
    def unread_since(self) -> datetime | None:
        """None while it is being read."""
        return self._unread_since
