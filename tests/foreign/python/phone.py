"""What a phone lends to the core, in Python: a hardware key, a clock, whether there is a signal.

Every port can be told to throw, to hang or to answer nonsense. Knows nothing of what is kept.
"""

import hashlib
import hmac
import os
import threading
import time

from fieldfare import *


class Key(HardwareKey):
    """A hardware key that lives in memory and is gone with the process."""

    def __init__(self):
        self.secret = None
        self.failed = 0
        self.last_kept = b""
        self.does = None

    def _asked(self):
        if self.does:
            self.does()
        if self.secret is None:
            raise HardwareKeyProblem.NotFound()

    def mac(self, label, message):
        self._asked()
        return hmac.new(self.secret, label.encode() + b"\0" + message, hashlib.sha256).digest()

    def create(self):
        if self.secret is None:
            self.secret = os.urandom(32)

    def delete(self):
        self.secret, self.failed, self.last_kept = None, 0, b""

    def failures(self):
        self._asked()
        return self.failed

    def set_failures(self, count):
        self._asked()
        self.failed = count

    def kept(self):
        self._asked()
        return self.last_kept

    def keep(self, bytes):
        self._asked()
        self.last_kept = bytes


class PhoneClock(Clock):
    """The system's clock, until it is told otherwise."""

    def __init__(self):
        self.does = None

    def now_ms(self):
        return self.does() if self.does else time.time_ns() // 1_000_000


class Signal(Connectivity):
    """A signal that can be taken away."""

    def __init__(self):
        self.here = True
        self.does = None

    def has_signal(self):
        return self.does() if self.does else self.here


class Phone:
    """A home with everything that it is lent."""

    def __init__(self, folder):
        os.makedirs(folder, exist_ok=True)
        self.folder = folder
        self.key, self.clock, self.signal = Key(), PhoneClock(), Signal()
        self.home = self.opened()

    def opened(self):
        """Another object for the same home."""
        return Fieldfare(self.folder, self.key, self.clock, self.signal)

    def handed(self):
        """The hand-over of the home, found again as after a crash."""
        return Handover(self.folder, self.clock)


def forever():
    """Never comes back."""
    threading.Event().wait()
