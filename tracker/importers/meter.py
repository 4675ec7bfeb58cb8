"""How far an import has come: an importer says it, a command draws it."""


class Meter:
    """Takes what an importer says of its progress and draws nothing; a command passes one that does."""

    def expect(self, total: int, what: str) -> None:
        """Says how much there is to do, and of what; 0 where nobody can know."""

    def reach(self, done: int) -> None:
        """Says how much of it is done."""
