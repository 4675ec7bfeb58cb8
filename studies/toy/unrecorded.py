"""A job that nobody records, so that a model can be trained outside any iteration."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext


class Unrecorded:
    """What `driver.OpenJob` asks for, with stages that leave no trace."""

    def stage(self, name: str) -> AbstractContextManager[None]:
        return nullcontext()


class Stopwatch:
    """The same, keeping only how long each stage took.

    Attributes:
        stage_seconds: by name, summed over a stage's openings, by the host's clock; on a GPU a stage has to end with
            something that waits for it, as training's last loss does.
    """

    def __init__(self) -> None:
        self.stage_seconds: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.stage_seconds[name] += time.perf_counter() - began
