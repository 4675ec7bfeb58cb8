"""Reading GGUF, against files written by the `gguf` package."""

import numpy as np
import pytest
import torch
from gguf import GGMLQuantizationType, GGUFWriter
from gguf.quants import quantize

from studies.real.gguf_file import GGUFFile
from studies.real.language_model import unpermute_rotary


def write_gguf(path, tensors):
    writer = GGUFWriter(path, "llama")
    writer.add_block_count(3)
    writer.add_token_list(["a", "Ġthe", "é"])
    for name, (values, quantization) in tensors.items():
        writer.add_tensor(name, quantize(values, quantization), raw_dtype=quantization)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def test_metadata_vocabulary_and_plain_tensors_come_back_as_written(tmp_path):
    """Scalars, non-ASCII strings in an array, and float32 values and shapes survive the round trip."""
    values = np.arange(12, dtype=np.float32).reshape(3, 4)
    write_gguf(tmp_path / "m.gguf", {"w": (values, GGMLQuantizationType.F32)})
    file = GGUFFile(tmp_path / "m.gguf")
    assert file.metadata["general.architecture"] == "llama"
    assert file.metadata["llama.block_count"] == 3
    assert file.vocabulary == ["a", "Ġthe", "é"]
    assert np.array_equal(file.tensor("w"), values)


@pytest.mark.parametrize(("quantization", "steps"), [(GGMLQuantizationType.Q8_0, 254), (GGMLQuantizationType.Q4_1, 15)])
def test_quantised_tensors_come_back_within_half_a_step(tmp_path, quantization, steps):
    """Each value in [-1, 1] is off by at most half of the range's step, plus what float16 scales round away."""
    values = np.random.default_rng(0).uniform(-1, 1, (5, 64)).astype(np.float32)
    other = np.ones((1, 32), dtype=np.float32)
    write_gguf(tmp_path / "q.gguf", {"first": (other, GGMLQuantizationType.F32), "w": (values, quantization)})
    read = GGUFFile(tmp_path / "q.gguf").tensor("w")
    assert read.shape == values.shape
    assert np.abs(read - values).max() <= 2 / steps / 2 * 1.05


def test_another_file_is_refused_by_its_first_bytes(tmp_path):
    """A file that is not GGUF says what it starts with."""
    (tmp_path / "no.gguf").write_bytes(b"PK\x03\x04 and more")
    with pytest.raises(ValueError, match="must start with b'GGUF'"):
        GGUFFile(tmp_path / "no.gguf")


def test_unpermuting_undoes_the_order_in_which_llama_weights_are_written():
    """llama.cpp's converter interleaves the two halves of each head; undoing that gives the weight back."""
    heads, head_width, model_width = 3, 8, 5
    weight = torch.randn(heads * head_width, model_width)
    written = torch.empty_like(weight)
    for head in range(heads):
        for pair in range(head_width // 2):
            for half in range(2):
                row = head * head_width
                written[row + 2 * pair + half] = weight[row + half * head_width // 2 + pair]
    assert torch.equal(unpermute_rotary(written, heads), weight)
