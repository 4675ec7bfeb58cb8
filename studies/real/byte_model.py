"""A tiny language model of bytes, trained on the spot: a Llama of three layers for tests and quick end-to-end studies.

It is a toy, whatever text it has read, and is called so.
"""

from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from transformers import LlamaConfig, LlamaForCausalLM

from studies.real.activation_cache import cache_folder
from studies.real.language_model import LanguageModel
from studies.real.text import read_works


@dataclass(frozen=True)
class ByteModelConfig:
    """Size and training of the model; about half a minute on one core."""

    layers: int = 3
    d_model: int = 64
    heads: int = 4
    positions: int = 64
    batch_sequences: int = 32
    steps: int = 1_500
    learning_rate: float = 3e-3
    seed: int = 0


def load_byte_model(*, device: str, config: ByteModelConfig | None = None) -> LanguageModel:
    """The model trained on Shakespeare, read from the cache folder after the first time."""
    config = config or ByteModelConfig()
    name = "-".join(f"{value:g}" for value in asdict(config).values())
    path = cache_folder() / f"byte-model-{name}.pt"
    network = _make_network(config)
    if path.is_file():
        network.load_state_dict(torch.load(path, weights_only=True))
    else:
        train_bytes(network, "\n".join(read_works("shakespeare", held_out=False)), config)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        torch.save(network.state_dict(), path)
    return as_language_model(network.to(device), config)


def as_language_model(network: LlamaForCausalLM, config: ByteModelConfig) -> LanguageModel:
    network.zero_grad(set_to_none=True)  # what training left
    network = network.eval().requires_grad_(False)
    return LanguageModel(network, network.model.layers, config.d_model, lambda text: list(text.encode()))


def make_byte_model(text: str, config: ByteModelConfig) -> LanguageModel:
    """A model trained on a text, from nothing."""
    network = _make_network(config)
    train_bytes(network, text, config)
    return as_language_model(network, config)


def _make_network(config: ByteModelConfig) -> LlamaForCausalLM:
    torch.manual_seed(config.seed)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=256,
            hidden_size=config.d_model,
            intermediate_size=4 * config.d_model,
            num_hidden_layers=config.layers,
            num_attention_heads=config.heads,
            num_key_value_heads=config.heads,
            max_position_embeddings=config.positions,
        )
    )


def train_bytes(network: LlamaForCausalLM, text: str, config: ByteModelConfig) -> float:
    """AdamW with a linear decay on windows drawn anywhere in the text; returns the last loss, nats per byte."""
    data = torch.tensor(list(text.encode()))
    generator = torch.Generator().manual_seed(config.seed)
    optimizer = torch.optim.AdamW(network.parameters(), lr=config.learning_rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / config.steps)
    window = torch.arange(config.positions)
    for _ in range(config.steps):
        starts = torch.randint(len(data) - config.positions, (config.batch_sequences, 1), generator=generator)
        tokens = data[starts + window]
        logits = network(tokens, use_cache=False).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return loss.item()
