"""The real language model: that it was read rightly shows in how well it predicts English."""

import math

import pytest
import torch

from studies.real.activations import is_massive, residual_stream
from studies.real.language_model import LanguageModel, ModelAbsent, load_language_model

PARAGRAPH = (
    "The city of London stands on the River Thames in the south-east of England, and has been a major settlement "
    "for two thousand years. It was founded by the Romans, who called it Londinium. Today it is one of the most "
    "important cities in the world for finance, education, entertainment and the arts, and more than eight million "
    "people live there. Many of them were born in other countries, and more than three hundred languages are spoken "
    "within its boundaries."
)


@pytest.fixture(scope="module")
def smollm2() -> LanguageModel:
    try:
        return load_language_model("smollm2", device="cpu")
    except ModelAbsent as absent:
        pytest.skip(str(absent))


def perplexity(model: LanguageModel, tokens: list[int]) -> float:
    with torch.inference_mode():
        predictions = model.logits(torch.tensor([tokens]))[0, :-1].double().log_softmax(-1)
    surprise = [-predictions[place, token].item() for place, token in enumerate(tokens[1:])]
    return math.exp(sum(surprise) / len(surprise))


def test_english_is_predicted_and_its_shuffled_words_are_not(smollm2):
    """A weight read in the wrong order would leave no difference: here it is over fifty-fold."""
    tokens = smollm2.encode(PARAGRAPH)
    order = torch.randperm(len(tokens), generator=torch.Generator().manual_seed(0)).tolist()
    ordered, shuffled = perplexity(smollm2, tokens), perplexity(smollm2, [tokens[place] for place in order])
    assert ordered < 15
    assert shuffled > 50 * ordered


def test_first_blocks_alone_give_the_same_residual_stream(smollm2):
    """Reading five of thirty blocks is enough for layer 4, whose first token is massive."""
    short = load_language_model("smollm2", device="cpu", blocks=5)
    tokens = torch.tensor([smollm2.encode(PARAGRAPH)])
    read = residual_stream(short, tokens, layer=4)
    assert torch.allclose(read, residual_stream(smollm2, tokens, layer=4))
    norms = read[0].norm(dim=-1)
    assert is_massive(read)[0, 0]
    assert norms[0] > 5 * norms.median()


def test_digits_are_tokens_of_their_own_and_no_special_token_is_added(smollm2):
    """SmolLM splits numbers digit by digit; the text's tokens are all there is."""
    assert len(smollm2.encode("2026")) == 4
    assert len(smollm2.encode("the")) == 1


def test_a_folder_without_weights_says_what_to_give():
    """The full setting tells the user where GPT-2 has to come from."""
    with pytest.raises(ModelAbsent, match="GPT-2"):
        load_language_model("gpt2", device="cpu")
