"""An agenda whose first sweep loses a worker and a variant, for the tests of executors."""

from dataclasses import replace

from executor_jobs import KILL, end_once

from studies.toy.compressed_computation.agenda import CompressedComputation
from studies.toy.compressed_computation.config import TOY


class KilledOnce(CompressedComputation):
    """Its first variant kills the process that trains it, once; the second asks for memory that is not there."""

    def __init__(self, flag: str) -> None:
        base = replace(TOY, features=4, neurons=2, embedding_dim=20, steps=5, batch_rows=8, evaluation="exact")
        super().__init__(base)
        self.flag = flag

    def train(self, variant, built, job):
        first, second = (one.name for one in self.first_plan().variants[:2])
        if variant.name == first:
            end_once(self.flag, KILL)
        if variant.name == second:
            raise MemoryError("no more memory could be had")
        return super().train(variant, built, job)
