"""The number format of a training step, the same for every workload and device."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch


def autocast(precision: str, device: str) -> AbstractContextManager[Any]:
    """Products in bfloat16 inside the block where `precision` is "bf16_autocast"; nothing changes for any other."""
    if precision == "bf16_autocast":
        return torch.autocast(torch.device(device).type, dtype=torch.bfloat16)
    return nullcontext()
