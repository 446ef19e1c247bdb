"""Weights: whatever the bytes are, they load as what was saved, with a warning, or not at all."""

from __future__ import annotations

import os
import random
import struct
import warnings

import mxnet as mx
import numpy
import pytest
from mxnet import np
from mxnet.gluon import nn
from training_helpers import same, values

import d2l_bn
from d2l_bn import load_weights, save_weights
from d2l_bn._support.array_file import decode, encode
from d2l_bn.training.weights import CheckpointError


def small_net(units=3, dtype="float32", prefix="small_"):
    net = nn.Sequential(prefix=prefix)
    net.add(nn.Dense(units, in_units=2, prefix="dense_"), nn.Dense(2, in_units=units))
    net.initialize(mx.init.Normal(1))
    net.cast(dtype)
    return net


@pytest.fixture
def saved(tmp_path):
    net = small_net()
    save_weights(net, tmp_path / "w.params")
    return net, tmp_path / "w.params"


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_they_come_back_and_mxnet_reads_them_too(dtype, tmp_path):
    net, ours, theirs = small_net(dtype=dtype), small_net(dtype=dtype), small_net(dtype=dtype)
    digest = save_weights(net, tmp_path / "w")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_weights(ours, tmp_path / "w", sha256=digest)
        load_weights(ours, tmp_path / "w")
    theirs.load_parameters(str(tmp_path / "w"))
    assert same(values(net), values(ours)) and same(values(net), values(theirs))


def test_before_an_initialization_and_before_the_sizes_are_known(tmp_path):
    net = d2l_bn.lenet()
    net.initialize()
    Y = net(np.ones((2, 1, 28, 28)))
    save_weights(net, tmp_path / "w")
    other = d2l_bn.lenet()
    load_weights(other, tmp_path / "w", context=mx.cpu(0))
    assert (other(np.ones((2, 1, 28, 28))) == Y).all()


@pytest.mark.parametrize("numpy_semantics", [True, False])
def test_a_file_of_gluons_own_is_read_with_a_warning(numpy_semantics, tmp_path):
    net, path = small_net(), str(tmp_path / "w")
    if numpy_semantics:
        net.save_parameters(path)
    else:
        legacy = {n: p.data().as_nd_ndarray() for n, p in net._collect_params_with_prefix().items()}
        mx.npx.reset_np()
        try:
            mx.nd.save(path, legacy)
        finally:
            mx.npx.set_np()
    other = small_net()
    with pytest.warns(UserWarning, match="w has no checksum: damaged values would pass unseen"):
        load_weights(other, path)
    assert same(values(other), values(net))


def test_every_flipped_bit_and_every_cut_is_noticed_without_a_separate_checksum(saved):
    net, path = saved
    content, before = path.read_bytes(), values(net)
    chosen = random.Random(0)
    for position in range(len(content)):
        damaged = bytearray(content)
        damaged[position] ^= 1 << chosen.randrange(8)
        path.write_bytes(damaged)
        with pytest.raises(CheckpointError):
            load_weights(net, path)
    for part in [content[:size] for size in range(0, len(content), 3)] + [content + b"\0"]:
        path.write_bytes(part)
        with pytest.raises(CheckpointError):
            load_weights(net, path)
    assert same(values(net), before)


def mutated(content, chosen):
    """A copy with one to four faults: bits, bytes, numbers, pieces cut, doubled or put in."""
    result = bytearray(content)
    for _ in range(chosen.randint(1, 4)):
        at = chosen.randrange(len(result) + 1)
        piece = result[at : at + chosen.randint(1, 40)]
        fault = chosen.choice(["bit", "byte", "number", "cut", "double", "put", "end"])
        if fault == "bit" and at < len(result):
            result[at] ^= 1 << chosen.randrange(8)
        elif fault == "byte" and at < len(result):
            result[at] = chosen.randrange(256)
        elif fault == "number":
            number = chosen.choice([0, 1, 2**31, 2**32 - 1, 2**40, 2**62, 2**63 - 1, -1, -(2**31)])
            at -= at % 4  # where the numbers are
            result[at : at + 8] = struct.pack("<q", number)
        elif fault == "cut":
            del result[at : at + len(piece)]
        elif fault == "double":
            result[at:at] = piece
        elif fault == "put":
            result[at:at] = chosen.randbytes(chosen.randint(1, 16))
        elif fault == "end":
            del result[at:]
        result = result or bytearray(b"\0")
    return bytes(result)


def outcome(net, path, good):
    """What became of a file: refused, or loaded with which values."""
    before = values(net)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            load_weights(net, path)
        except CheckpointError as error:
            assert same(values(net), before)
            assert len(str(error)) < 600 and "\n" not in str(error)
            return "refused"
    if same(values(net), good):
        return "whole"
    return "warned" if said else "silent"


@pytest.mark.parametrize("plain", [False, True], ids=["with checksum", "without"])
def test_a_thousand_damaged_files_never_load_in_silence(plain, saved):
    """And never raise anything but CheckpointError, which a crash of the process would not be."""
    net, path = saved
    good, content = values(net), path.read_bytes()
    if plain:
        net.save_parameters(str(path))
        content = path.read_bytes()
    chosen, seen = random.Random(1), []
    for _ in range(int(os.environ.get("D2L_BN_FUZZ", 500))):
        path.write_bytes(mutated(content, chosen))
        seen.append(outcome(net, path, good))
    assert "silent" not in seen
    assert seen.count("refused") > len(seen) / 2
    assert ("warned" in seen) == plain


def u64(*numbers):
    return struct.pack(f"<{len(numbers)}Q", *numbers)


def array(axes, shape, type_number=0, magic=0xF993FACA, storage=0):
    head = struct.pack("<IIi", magic, storage, axes) + struct.pack(f"<{len(shape)}q", *shape)
    return head + struct.pack("<iii", 1, 0, type_number)


HOSTILE = {
    "nothing": b"",
    "counts without end": u64(0x112, 0, 2**64 - 1),
    "many arrays": u64(0x112, 0, 10**9) + array(0, ()) * 100,
    "a size of 2**62": u64(0x112, 0, 1) + array(1, (2**62,)) + bytes(100),
    "sizes whose product is 0 in 64 bits": u64(0x112, 0, 1) + array(2, (2**32, 2**32)) + bytes(9),
    "a negative size": u64(0x112, 0, 1) + array(2, (-1, -4)) + bytes(100),
    "empty and immense": u64(0x112, 0, 1) + array(2, (0, 2**63 - 1)) + u64(1, 1) + b"a",
    "a million axes": u64(0x112, 0, 1) + array(10**6, ()) + bytes(100),
    "minus one axes": u64(0x112, 0, 1) + array(-1, ()) + bytes(100),
    "a sparse array": u64(0x112, 0, 1) + array(1, (1,), storage=1) + bytes(100),
    "an old array": u64(0x112, 0, 1) + array(1, (1,), magic=0xF993FAC8) + bytes(100),
    "an unknown type": u64(0x112, 0, 1) + array(1, (1,), type_number=99) + bytes(100),
    "a name without end": u64(0x112, 0, 1) + array(1, (1,)) + bytes(4) + u64(1, 2**63),
    "a name that is no text": u64(0x112, 0, 1) + array(1, (1,)) + bytes(4) + u64(1, 1) + b"\xff",
    "more names": u64(0x112, 0, 0, 2, 1) + b"a" + u64(1) + b"b",
    "one name twice": u64(0x112, 0, 2)
    + (array(1, (1,)) + bytes(4)) * 2
    + (u64(2, 1) + b"a")
    + u64(1)
    + b"a",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_is_refused(content, saved):
    net, path = saved
    path.write_bytes(content)
    before = values(net)
    with pytest.raises(CheckpointError, match="is damaged, or not a file of weights: "):
        load_weights(net, path)
    assert same(values(net), before)


def test_what_is_no_file_of_weights_or_of_another_network_is_refused(saved, tmp_path):
    net, _ = saved
    before = values(net)
    mx.npx.save(str(tmp_path / "arrays"), [np.ones(3)])  # without names
    (tmp_path / "checkpoint").write_bytes(encode({}, "checkpoint 2"))
    for name in ("arrays", "checkpoint"):
        with pytest.raises(CheckpointError, match=f"{name} is .*not a file of weights"):
            load_weights(net, tmp_path / name)
    save_weights(small_net(5), tmp_path / "other.params")
    with pytest.raises(CheckpointError, match="another network: 0.weight is float32 .5, 2. there"):
        load_weights(net, tmp_path / "other.params")
    with pytest.raises(CheckpointError, match="does not have the checksum that was recorded"):
        load_weights(net, tmp_path / "other.params", sha256="0" * 64)
    with pytest.raises(FileNotFoundError):
        load_weights(net, tmp_path / "nothing")
    with pytest.raises(IsADirectoryError):
        load_weights(net, tmp_path)
    assert same(values(net), before)


def test_a_pipe_does_not_hang_and_an_immense_file_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with open(tmp_path / "huge", "wb") as file:
        file.truncate(2**40)  # takes no room on the disk
    for name, message in (("pipe", "is no plain file"), ("huge", "expected at most 1,073,741,824")):
        with pytest.raises(OSError, match=message):
            load_weights(small_net(), tmp_path / name)


@pytest.mark.parametrize("path, error", [("", ValueError), ("a\0b", ValueError), (3, TypeError)])
def test_what_is_no_path_is_refused(path, error):
    with pytest.raises(error, match="^path is "):
        load_weights(small_net(), path)
    with pytest.raises(error, match="^path is "):
        save_weights(small_net(), path)


def test_an_array_of_any_kind_comes_back_as_it_was():
    arrays = {
        "": numpy.array(3.5),
        "große": numpy.zeros((0, 3), "float16"),
        "big endian": numpy.arange(6, dtype=">f4").reshape(2, 3),
        "a column": numpy.arange(6).reshape(2, 3)[:, 1],
    }
    back, kind = decode(encode(arrays, "example 1"))
    assert kind == "example 1"
    assert list(back) == list(arrays)
    for name, array in arrays.items():
        assert (back[name] == array).all()
        assert (back[name].shape, back[name].dtype.kind) == (array.shape, array.dtype.kind)
    with pytest.raises(TypeError, match="names has dtype <U1"):
        encode({"names": numpy.array(["a"])}, "example 1")
