"""Sorting problems: what is in them, what the seed decides, what is refused."""

import numpy
import pytest

from d2l_bn.data.sorting import PAD, SIGN, sorting_batch


def rows(lengths, longest=5, seed=0):
    batch = sorting_batch(numpy.random.default_rng(seed), lengths, longest)
    return [array.asnumpy().astype(int).tolist() for array in batch]


def test_each_sequence_is_digits_a_sign_the_digits_sorted_and_padding():
    lengths = [1, 2, 5, 3]
    for length, tokens, targets, answers in zip(lengths, *rows(lengths)):
        whole = [*tokens, targets[-1]]
        digits, sign, answer = whole[:length], whole[length], whole[length + 1 : 2 * length + 1]
        assert sign == SIGN and max(digits) < 10
        assert answer == sorted(digits)
        assert whole[2 * length + 1 :] == [PAD] * (2 * (5 - length))
        assert targets == whole[1:]
        assert [t for t, asked in zip(targets, answers) if asked] == answer


def test_the_seed_decides():
    assert rows([3, 4]) == rows([3, 4])
    assert rows([3, 4]) != rows([3, 4], seed=1)


def test_all_digits_come():
    tokens, _, _ = rows([5] * 100)
    assert {digit for row in tokens for digit in row[:5]} == set(range(10))


@pytest.mark.parametrize("lengths", [[0], [6], [-1, 2]])
def test_lengths_out_of_range(lengths):
    with pytest.raises(ValueError, match="expected 1 to 5, the longest"):
        rows(lengths)


@pytest.mark.parametrize("lengths", [3, [2.5], [], [[2]]])
def test_no_lengths(lengths):
    with pytest.raises(TypeError, match="expected a row of whole numbers"):
        rows(lengths)
