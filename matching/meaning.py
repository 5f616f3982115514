"""What a text means, as a vector: static word-piece embeddings, on the CPU, without any network.

The weights are those of WordLlama (Miller 2024; 32,000 word pieces by 256), read straight from the
wheel of ``wordllama``: importing that package would load much more than two files. A text is the
mean of its word pieces. Sums of float16 are exact in float64 in any order, and what follows is
elementwise, so a text has the same vector on every machine.

English only. To this model any two texts of another language look alike, so they get no vector, and
their words are compared instead.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from matching.english import is_english

Vectors = NDArray[np.int8]

VERSION = "l2_supercat_256/1"
"""Names weights and method: whoever changes either gives it a new name."""
DIMENSIONS = 256
LONGEST = 127
TEXTS_A_BATCH = 1_000


def normalised(text: str) -> str:
    """Return the text as it is compared and remembered: one form of accents, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def is_installed() -> bool:
    """Tell whether the weights and their tokenizer are there. Loads nothing."""
    return find_spec("tokenizers") is not None and all(path.is_file() for path in _files())


def vectors_of(texts: Sequence[str]) -> Vectors:
    """Return one row a text, (texts, 256): only its direction counts, the largest part is 127.

    A row of zeros stands for a text that is empty or not English. 10,000 goals take 1 to 3 seconds
    of one processor; the model takes about 60 MB, from the first call on.
    """
    rows = np.zeros((len(texts), DIMENSIONS), dtype=np.int8)
    places = [place for place, text in enumerate(texts) if text.strip() and is_english(text)]
    for start in range(0, len(places), TEXTS_A_BATCH):
        batch = places[start : start + TEXTS_A_BATCH]
        rows[batch] = quantised(_sums([normalised(texts[place]) for place in batch]))
    return rows


def quantised(sums: NDArray[np.float64]) -> Vectors:
    """Return each row with its largest part brought to 127, rounded half to even."""
    largest = np.abs(sums).max(axis=1, initial=0.0, keepdims=True)
    return np.rint(LONGEST * sums / np.where(largest > 0, largest, 1.0)).astype(np.int8)


def cosines(left: Vectors, right: Vectors) -> NDArray[np.float64]:
    """Return the cosine of every row with every other, 0 for rows of zeros."""
    products = left.astype(np.float64) @ right.astype(np.float64).T
    return products / np.outer(_lengths(left), _lengths(right))


def _lengths(rows: Vectors) -> NDArray[np.float64]:
    squares = np.einsum("ij,ij->i", rows, rows, dtype=np.int64)
    return np.sqrt(np.maximum(squares, 1).astype(np.float64))


class _Model(NamedTuple):
    tokenizer: Any
    weights: NDArray[np.float16]


def _files() -> tuple[Path, ...]:
    spec = find_spec("wordllama")
    folders = spec.submodule_search_locations if spec else None
    if not folders:
        return (Path("wordllama"),)
    home = Path(folders[0])
    return (
        home / "tokenizers" / "l2_supercat_tokenizer_config.json",
        home / "weights" / "l2_supercat_256.safetensors",
    )


@lru_cache(maxsize=1)
def _model() -> _Model:
    """Load the model once a process, when the first text asks for it."""
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    tokenizer, weights = _files()
    return _Model(Tokenizer.from_file(str(tokenizer)), load_file(str(weights))["embedding.weight"])


def _sums(texts: list[str]) -> NDArray[np.float64]:
    """Return the sum of the word pieces of each text; their number does not change a direction."""
    model = _model()
    pieces = [one.ids for one in model.tokenizer.encode_batch(texts, add_special_tokens=False)]
    ends = np.cumsum([0, *map(len, pieces)])
    known, places = np.unique(np.concatenate([[], *pieces]).astype(np.int64), return_inverse=True)
    counts = csr_array(
        (np.ones(len(places)), places, ends), shape=(len(texts), len(known)), dtype=np.float64
    )
    return np.asarray(counts @ model.weights[known].astype(np.float64))
