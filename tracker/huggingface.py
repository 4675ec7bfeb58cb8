"""For Hugging Face's `Trainer`: each training is a job, with its stages.

    from tracker.huggingface import JobCallback

    trainer = Trainer(…, callbacks=[JobCallback()])

Stages are `load`, `compile` (the first step), `steady`, `evaluate` and `save`. The `Trainer` tells its callbacks
nothing of an exception: a job that it left open ends with the iteration around it, or at the interpreter's exit. An
evaluation outside a training is not told of before its first batch, and so is not recorded: write `it.job("evaluate")`.
"""

from typing import Any

from transformers import TrainerCallback

from tracker.capture.integrations.training import COMPILE, EVALUATE, LOAD, SAVE, STEADY, Training, guarded

# Numbers and switches that tell one training from another; nothing in them is a path or a name.
SETTINGS = (
    *("learning_rate", "per_device_train_batch_size", "gradient_accumulation_steps", "num_train_epochs", "max_steps"),
    *("seed", "bf16", "fp16", "torch_compile"),
)


class JobCallback(TrainerCallback):  # type: ignore[misc]
    """Records each training as a job; never raises into it."""

    def __init__(self, name: str = "train") -> None:
        self._name = name
        self._training = Training()

    @guarded
    def on_train_begin(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        """The first batch is about to be loaded."""
        config = {key: getattr(args, key) for key in SETTINGS if hasattr(args, key)}
        is_first = bool(state.is_world_process_zero)
        self._training.begin(self._name, device=str(args.device), config=config, is_first=is_first)

    @guarded
    def on_step_begin(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        """A batch is there; the first one ends the loading."""
        if self._training.stage == LOAD:
            self._training.enter(COMPILE)

    @guarded
    def on_step_end(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        """The first step is over, or an evaluation or a checkpoint is due."""
        if self._training.stage == COMPILE:
            self._training.enter(STEADY)
        self._turn_aside(control)

    @guarded
    def on_epoch_end(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        """An evaluation or a checkpoint may be due."""
        self._turn_aside(control)

    @guarded
    def on_evaluate(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        """An evaluation has ended; outside a training nothing is open that it could end."""
        if self._training.stage == EVALUATE:
            self._training.resume()
            self._turn_aside(control, SAVE)

    @guarded
    def on_save(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        """A checkpoint has been written."""
        if self._training.stage == SAVE:
            self._training.resume()

    @guarded
    def on_train_end(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        """The training has come to its end."""
        self._training.end()

    def _turn_aside(self, control: Any, *due: str) -> None:
        """Enters what the flow of control says is next; it evaluates before it saves."""
        if control.should_evaluate and not due:
            self._training.enter(EVALUATE)
        elif control.should_save:
            self._training.enter(SAVE)
