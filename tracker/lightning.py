"""For Lightning's `Trainer`: each fit, validation, test and prediction is a job, a fit with its stages.

    from tracker.lightning import JobCallback

    trainer = Trainer(…, callbacks=[JobCallback()])

Stages are `load`, `compile` (the first batch), `steady` and `evaluate`; a sanity check before the first batch is an
evaluation too. It works with `lightning` and with `pytorch_lightning`, whichever the program has imported.
"""

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from tracker.capture.integrations.training import COMPILE, EVALUATE, LOAD, STEADY, Training, guarded

# Two copies of the same code; a class of one is none of the other's.
_PACKAGES = ("lightning.pytorch", "pytorch_lightning")


def _callback_class() -> Any:
    imported = [name for name in _PACKAGES if name in sys.modules]
    installed = [name for name in _PACKAGES if find_spec(name.partition(".")[0]) is not None]
    return import_module((imported or installed or _PACKAGES)[0]).Callback


class JobCallback(_callback_class()):  # type: ignore[misc]
    """Records what a trainer does as jobs; never raises into it."""

    def __init__(self, name: str = "train") -> None:
        self._name = name
        self._training = Training()

    @guarded
    def setup(self, trainer: Any, pl_module: Any, stage: str) -> None:
        """A trainer begins; its processes have been launched."""
        name = self._name if stage == "fit" else str(getattr(stage, "value", stage))
        config = {"max_epochs": trainer.max_epochs, "max_steps": trainer.max_steps, "precision": trainer.precision}
        device = str(trainer.strategy.root_device)
        self._training.begin(name, device=device, config=config, is_first=trainer.is_global_zero)

    @guarded
    def on_train_batch_start(self, trainer: Any, pl_module: Any, *batch: Any) -> None:
        """A batch is there; the first one ends the loading."""
        if self._training.stage == LOAD:
            self._training.enter(COMPILE)

    @guarded
    def on_train_batch_end(self, trainer: Any, pl_module: Any, *batch: Any) -> None:
        """The first batch is over."""
        if self._training.stage == COMPILE:
            self._training.enter(STEADY)

    @guarded
    def on_validation_start(self, trainer: Any, pl_module: Any) -> None:
        """Within a fit it interrupts the batches; a validation by itself has loaded."""
        self._training.enter(EVALUATE if trainer.state.fn == "fit" else STEADY)

    @guarded
    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        """The batches go on; after a sanity check they are yet to be loaded."""
        if self._training.stage == EVALUATE:
            self._training.resume()

    @guarded
    def on_test_start(self, trainer: Any, pl_module: Any) -> None:
        """The test has loaded."""
        self._training.enter(STEADY)

    @guarded
    def on_predict_start(self, trainer: Any, pl_module: Any) -> None:
        """The prediction has loaded."""
        self._training.enter(STEADY)

    @guarded
    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """The trainer was interrupted or has failed."""
        self._training.end(exception)

    @guarded
    def teardown(self, trainer: Any, pl_module: Any, stage: str) -> None:
        """The trainer has come to its end."""
        self._training.end()
