"""Vectors of texts: the same everywhere, nothing for what is not English, loaded when needed."""

from __future__ import annotations

import subprocess
import sys
from hashlib import blake2b

import numpy as np
import pytest

from matching.english import is_english
from matching.meaning import cosines, normalised, quantised, vectors_of

GOAL = "I would like to lead a team."
FAR = "Fixing old motorbikes and their engines."


def test_vector_of_a_text_is_the_same_on_every_machine():
    row = vectors_of([GOAL])

    assert (row.shape, row.dtype) == ((1, 256), np.int8)
    assert blake2b(row.tobytes(), digest_size=8).hexdigest() == "b2ca6e481fb08a56"


def test_vector_of_a_text_does_not_depend_on_its_company():
    alone = vectors_of([GOAL])[0]
    texts = [f"{FAR} {number}" for number in range(1_200)] + [GOAL]

    assert (vectors_of(texts)[-1] == alone).all()
    assert (vectors_of(texts[::-1])[0] == alone).all()


def test_vector_ignores_spaces_and_forms_of_accents():
    one, other = vectors_of(["I like  the café\n", "I like the cafe\u0301"])

    assert (one == other).all()
    assert normalised(" a\t b ") == "a b"


def test_quantised_brings_the_largest_part_to_127_and_rounds_half_to_even():
    sums = np.array([[-2.0, 1.0, 0.0], [127.0, 0.5, 1.5], [0.0, 0.0, 0.0]])

    assert quantised(sums).tolist() == [[-127, 64, 0], [127, 0, 2], [0, 0, 0]]


def test_quantised_vectors_keep_the_cosine_to_a_hundredth():
    rng = np.random.default_rng(1)
    left, right = rng.normal(size=(2, 50, 256))
    right += left / 2
    exact = (
        (left * right).sum(axis=1) / np.linalg.norm(left, axis=1) / np.linalg.norm(right, axis=1)
    )

    kept = np.diag(cosines(quantised(left), quantised(right)))

    assert np.abs(kept - exact).max() < 0.01


def test_cosines_put_the_right_mentor_first():
    goal = "I am coming back after breast cancer treatment and tire quickly."
    near = "Chemotherapy three years ago; I know the exhaustion."
    vectors = vectors_of([goal, near, FAR, "", "Ich möchte ein Team führen und mit Leuten reden."])

    found = cosines(vectors[:1], vectors)[0]

    assert found[0] == pytest.approx(1)
    assert found[1] > found[2] + 0.1
    assert found[3:].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOAL, True),
        ("Leadership, SQL, negotiation", True),
        ("Become a better manager", True),
        ("Führung und SQL", False),
        ("Ich will lernen, ein Team zu leiten.", False),
        ("Je voudrais apprendre à diriger une équipe", False),
        ("Quiero aprender a liderar un equipo", False),
        ("Vorrei imparare a guidare un piccolo gruppo", False),
        ("Ik wil graag leren hoe ik een team kan leiden", False),
        ("Chcę się nauczyć kierować zespołem", False),
        ("我想学习如何领导一个团队", False),
    ],
)
def test_is_english_of_a_text_tells(text, expected):
    assert is_english(text) is expected


def test_start_of_the_site_does_not_load_the_model():
    names = "('tokenizers', 'safetensors', 'wordllama')"
    code = (
        "import sys, django; django.setup(); import mentorship.urls; "
        f"print([name for name in {names} if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
