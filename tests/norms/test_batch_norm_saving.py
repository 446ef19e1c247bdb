"""BatchNorm saved and loaded: alone and in a network, in another process, with Gluon's options."""

import subprocess
import sys
from pathlib import Path

import mxnet as mx
import numpy
import pytest
from layer_helpers import X4, layer, trained
from mxnet import autograd, np, npx
from mxnet.gluon import nn
from training_helpers import same, values

from d2l_bn.norms.batch import BatchNorm

LOAD = """
import numpy
from mxnet import np
from mxnet.gluon import nn
from d2l_bn.norms.batch import BatchNorm

folder, alone, inside = {folder!r}, BatchNorm(3, 4), nn.Sequential()
inside.add(nn.Conv2D(3, 2, in_channels=3), BatchNorm(3, 4))
inside.add(nn.Dense(2, in_units=48), BatchNorm(2, 2))
alone.load_parameters(folder + "/alone")
inside.load_parameters(folder + "/inside")
X = np.array(numpy.load(folder + "/X.npy"))
numpy.savez(folder + "/Y.npz", alone=alone(X).asnumpy(), inside=inside(X).asnumpy())
"""


def test_a_new_process_loads_and_predicts_the_same(tmp_path):
    alone, inside = trained(), nn.Sequential()
    inside.add(nn.Conv2D(3, 2, in_channels=3), BatchNorm(3, 4))
    inside.add(nn.Dense(2, in_units=48), BatchNorm(2, num_dims=2))
    inside.initialize()
    with autograd.train_mode():
        inside(np.array(X4))
    alone.save_parameters(str(tmp_path / "alone"))
    inside.save_parameters(str(tmp_path / "inside"))
    numpy.save(tmp_path / "X.npy", X4)
    script = LOAD.format(folder=str(tmp_path))
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", script], cwd=root, check=True, timeout=120)
    loaded = numpy.load(tmp_path / "Y.npz")
    for name, block in (("alone", alone), ("inside", inside)):
        assert (loaded[name] == block(np.array(X4)).asnumpy()).all(), name


@pytest.mark.parametrize("initialized", [True, False])
def test_a_lone_layer_loads(tmp_path, initialized):
    source, target = trained(), BatchNorm(3, 4)
    source.save_parameters(str(tmp_path / "file"))
    if initialized:
        target.initialize()
    target.load_parameters(str(tmp_path / "file"))
    assert same(values(target), values(source))
    with autograd.record():
        Y = target(np.array(X4))
    Y.backward()  # the parameters are whole: they have gradients and the averages go on moving
    assert not same(values(target), values(source))


def test_options_of_loading(tmp_path):
    file, source = str(tmp_path / "file"), trained()
    source.save_parameters(file)
    double = layer()
    double.cast("float64")
    double.load_parameters(file, cast_dtype=True)
    assert str(double.moving_mean.data().dtype) == "float64"
    sharing = BatchNorm(3, 4, params=BatchNorm(3, 4).params)
    sharing.load_parameters(file, mx.cpu(1))
    assert same(values(sharing), values(source)) and sharing.gamma.list_ctx() == [mx.cpu(1)]
    with pytest.raises(AssertionError, match="shape incompatible"):
        layer(num_features=2).load_parameters(file)
    npx.save(file, {"gamma": source.gamma.data(), "other": np.ones(2)})
    with pytest.raises(AssertionError, match="'beta' is missing"):
        layer().load_parameters(file, ignore_extra=True)
    with pytest.raises(AssertionError, match="'other' loaded"):
        layer().load_parameters(file, allow_missing=True)
    partly = layer()
    partly.load_parameters(file, allow_missing=True, ignore_extra=True)
    assert (partly.gamma.data() == source.gamma.data()).all().item()


def test_a_damaged_file_of_one_layer_is_an_error_and_not_the_end_of_the_process(tmp_path):
    alone, path = BatchNorm(3, num_dims=2), tmp_path / "layer"
    alone.initialize()
    alone.save_parameters(str(path))
    content = bytearray(path.read_bytes())
    content[16:24] = (2**40).to_bytes(8, "little")  # so many arrays
    path.write_bytes(content)
    with pytest.raises(ValueError, match="it announces 1099511627776 arrays"):
        alone.load_parameters(str(path))
