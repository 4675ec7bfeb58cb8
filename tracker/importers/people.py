"""Names of users are not kept: each is given a pseudonym that the same home gives again, and no other can."""

import hmac
import os
from pathlib import Path

from tracker.capture.home import create_home, first_written, person_pseudonym

SCRIPTED = "scripted"


class Pseudonyms:
    """Gives user names pseudonyms by a key that stays in the home folder.

    Args:
        home: The home folder; the key is made there at first use.
        me: A user name that is this home's own person.
    """

    def __init__(self, home: Path, me: str = "") -> None:
        self._home = create_home(home)
        self._me = me
        self._key = bytes.fromhex(first_written(str(home / "pseudonym-key"), os.urandom(32).hex()))
        self._known: dict[str, str] = {}

    def of(self, user: str) -> str:
        """Returns the pseudonym of a user name; none has none, and a scripted researcher stays one."""
        user = user.strip()
        if user.lower() in ("", SCRIPTED):
            return user.lower()
        if user not in self._known:
            self._known[user] = self._new(user)
        return self._known[user]

    def _new(self, user: str) -> str:
        if user == self._me:
            return person_pseudonym(self._home)
        return f"p-{hmac.digest(self._key, user.encode('utf-8', 'backslashreplace'), 'sha256').hex()[:12]}"
