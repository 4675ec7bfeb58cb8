"""Real text as sequences: what is held out, what is sampled, and what must not be in it."""

from itertools import pairwise

import pytest

from studies.real.text import TextAbsent, read_works, sample_sequences, split_passages

WORKS = ["".join(f"{work} line {line} of a made-up work\n" for line in range(40)) for work in "abc"]


def encode(text: str) -> list[int]:
    return list(text.encode())


@pytest.fixture
def shakespeare():
    try:
        return read_works("shakespeare", held_out=False), read_works("shakespeare", held_out=True)
    except TextAbsent as absent:
        pytest.skip(str(absent))


def test_passages_are_the_work_cut_at_line_ends():
    """Joined again they are the work's beginning, each just long enough, every cut after a newline."""
    passages = split_passages(WORKS[0], 100)
    assert WORKS[0].startswith("".join(passages))
    assert all(passage.endswith("\n") and 100 <= len(passage) < 140 for passage in passages)


def test_sequences_have_the_asked_shape_and_come_from_every_work():
    """Ten sequences of twelve tokens, and each of the three works is seen."""
    sequences = sample_sequences(WORKS, encode, count=10, positions=12, seed=0)
    assert sequences.shape == (10, 12)
    assert set(sequences[:, 0].tolist()) == {ord("a"), ord("b"), ord("c")}


def test_the_seed_alone_decides_which_sequences():
    """The same seed gives the same text and another seed another."""
    first, again, other = (
        sample_sequences(WORKS, encode, count=6, positions=12, seed=seed).tolist() for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_more_sequences_than_passages_go_round_again():
    """A corpus smaller than the training is passed over more than once, every passage each time."""
    passages = sum(len(split_passages(work, 12 * 6)) for work in WORKS)
    sequences = [tuple(s) for s in sample_sequences(WORKS, encode, count=2 * passages, positions=12, seed=0).tolist()]
    assert sorted(sequences[:passages]) == sorted(sequences[passages:])


def test_texts_that_are_too_short_are_refused():
    """Rather than turning for ever."""
    with pytest.raises(ValueError, match="give longer texts"):
        sample_sequences(["a short\n" * 2], encode, count=1, positions=500, seed=0)


def test_held_out_works_are_other_works(shakespeare):
    """Forty-two works fall into two halves that share none, and every one is a whole work."""
    training, held_out = shakespeare
    assert (len(training), len(held_out)) == (36, 6)
    assert not set(training) & set(held_out)
    assert all(len(work) > 1_000 for work in training + held_out)


def test_no_work_carries_its_publishers_words_or_comes_twice(shakespeare):
    """Neither Project Gutenberg's boilerplate nor a second spelling of the same play is in the corpus."""
    works = [work for half in shakespeare for work in half]
    assert not any("gutenberg" in work.lower() for work in works)
    titles = sorted(work.strip().splitlines()[0] for work in works)
    assert all(one != other for one, other in pairwise(titles))


def test_a_folder_without_texts_says_which_variable_names_it(monkeypatch, tmp_path):
    """The user is told what to set."""
    monkeypatch.setenv("STUDIES_TEXT", str(tmp_path))
    with pytest.raises(TextAbsent, match="STUDIES_TEXT"):
        read_works("folder", held_out=False)
