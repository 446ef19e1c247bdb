# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercise 4 · The bug zoo
#
# Batch normalization (批量归一化) forgives much. Of a dozen broken implementations each one trains, its loss
# falls, and nothing raises an error. You write the tests that tell them from a right one.
#
# **Read first:** notebook 8, *Block and traps*; exercises 2 and 3. **Time:** 120 minutes. **Points:** 20.
#
# | task | points |
# |---|---|
# | your tests | 15 |
# | in words | 5 |
#
# In a terminal, `d2l-bn check bug_zoo bug_zoo.ipynb` makes all checks of this notebook, and names the sections to
# read again.

# %%
import tempfile
from pathlib import Path

from mxnet import autograd, np, npx
from mxnet.base import MXNetError

from d2l_bn.exercises import bug_zoo

npx.set_np()

# %% [markdown]
# ## The animals
#
# An implementation comes as a *kit* of four things:
#
# - `kit.BatchNorm(num_features, num_dims, eps=1e-5, momentum=0.9)` makes a layer. It has the parameters `gamma` and
#   `beta`, and `layer.averages()` gives the two arrays `(moving_mean, moving_var)`. Call `layer.initialize()` first.
# - `kit.network()` makes an initialized network for inputs of shape (N, 4) and 3 classes, with the layers `net.dense`,
#   `net.norm`, `net.act` and `net.output`.
# - `kit.train_epoch(net, batches, lr)` goes through a list of batches `(X, y)` and takes one step of plain gradient
#   descent for each, down the *mean* loss of that batch.
# - `kit.predict(net, X)` gives the scores of each example, as one would for a test set.
#
# `bug_zoo.right()` is a right kit: it does what the course says (biased variance, ε inside the root, momentum for the old
# value, averages that start at 0 and 1, no bias in front of the layer). `bug_zoo.specimen(1)` to `bug_zoo.specimen(12)` have one
# bug each.

# %%
kit = bug_zoo.right()
layer = kit.BatchNorm(3, num_dims=2)  # float32; save_parameters and load_parameters work, too
layer.initialize()
with autograd.record():
    Y = layer(np.array([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]]))
Y, layer.averages()


# %% [markdown]
# Here is a test that everyone writes. It finds nothing: all of them pass.


# %%
def test_loss_falls(kit):
    net = kit.network()
    X = np.random.normal(size=(32, 4))
    y = (X[:, 0] > 0).astype("int32")
    before = -npx.pick(npx.log_softmax(kit.predict(net, X)), y).mean()
    kit.train_epoch(net, [(X, y)] * 10, lr=0.5)
    assert -npx.pick(npx.log_softmax(kit.predict(net, X)), y).mean() < before


for number in range(1, 13):
    test_loss_falls(bug_zoo.specimen(number))

# %% [markdown]
# ## Your tests (15 points)
#
# $$\text{points} = \text{bugs that at least one of your tests finds} - \text{tests that fail for a right kit}$$
#
# A test is a function of a kit that raises an error (use `assert`) if something is wrong with it. Write as many as you
# like, and put them into the list `tests`.
#
# - **A test that fails for a right kit is left out, and costs a point.** Rounding in float32 is no bug: compare with a
#   tolerance.
# - A test must not fail by chance: it is run on right kits several times, with other random numbers.
# - Predict the numbers from the formulas. The package's own layer and Gluon's refuse to work while your tests run.
# - All tests together have 60 seconds of processor time for the twelve specimens and six right kits; the check says how
#   much they took. Where it is graded, they have three times as much: what fits here fits there. (A training of some
#   twenty steps shows as much as one of a thousand.)
# - Three more animals wait where the grades are made. They are of the same kinds.
#
# Things to look at: the output in training and in prediction, the averages, gradients, saving and loading, a batch of
# one, a smaller last batch, channels that differ, images, what the averages know of autograd.

# %% nbgrader={"grade_id": "tests", "solution": true}
tests = [test_loss_falls]

### BEGIN SOLUTION


def near(a, b, tolerance=1e-3):
    assert a.shape == b.shape and (np.abs(a - b) < tolerance).all()  # false for NaN


def layer_of(kit, channels, dims, **options):
    layer = kit.BatchNorm(channels, dims, **options)
    layer.initialize()
    return layer


def data(*shape):
    offsets = np.arange(shape[1]).reshape((1, -1) + (1,) * (len(shape) - 2))
    return (1 + offsets) * np.random.normal(size=shape) + 2 * offsets


def forward(X, eps):
    axes = (0,) if X.ndim == 2 else (0, 2, 3)
    mean = X.mean(axis=axes, keepdims=True)
    var = ((X - mean) ** 2).mean(axis=axes, keepdims=True)
    return (X - mean) / np.sqrt(var + eps), mean, var


def test_training(kit):
    for X in (data(5, 3), data(2, 3, 4, 2)):
        layer = layer_of(kit, 3, X.ndim, eps=0.3, momentum=0.75)
        with autograd.train_mode():
            Y = layer(X)
        X_hat, mean, var = forward(X, 0.3)
        near(Y, X_hat)
        near(layer.averages()[0], 0.25 * mean)
        near(layer.averages()[1], 0.75 + 0.25 * var)


def test_prediction(kit):
    layer, X = layer_of(kit, 3, 2, eps=0.3), data(5, 3)
    with autograd.train_mode():
        layer(data(6, 3))
    mean, var = (a.copy() for a in layer.averages())
    near(layer(X), (X - mean) / np.sqrt(var + 0.3))
    near(layer.averages()[0], mean)
    near(layer.averages()[1], var)


def test_batch_of_one(kit):
    layer = layer_of(kit, 3, 2)
    with autograd.train_mode():
        near(layer(data(1, 3)), np.zeros((1, 3)))


def test_predictions_do_not_depend_on_the_batch(kit):
    net, X = kit.network(), data(6, 4)
    kit.train_epoch(net, [(X, np.array([0, 1, 2, 0, 1, 2]))], 0.1)
    near(kit.predict(net, X)[:1], kit.predict(net, X[:1]), 1e-4)


def test_all_that_should_be_trained_is_trained(kit):
    net, X = kit.network(), data(6, 4)
    before = net.norm.gamma.data().copy(), net.norm.beta.data().copy()
    kit.train_epoch(net, [(X, np.array([0, 1, 2, 0, 1, 2]))], 1.0)
    assert not (net.norm.gamma.data() == before[0]).all()
    assert not (net.norm.beta.data() == before[1]).all()


def test_no_bias_in_front(kit):
    assert kit.network().dense.bias is None


def test_saving(kit):
    net, copy, X = kit.network(), kit.network(), data(6, 4)
    kit.train_epoch(net, [(X, np.array([0, 1, 2, 0, 1, 2]))] * 3, 0.1)
    with tempfile.TemporaryDirectory() as folder:
        net.save_parameters(str(Path(folder) / "net.params"))
        copy.load_parameters(str(Path(folder) / "net.params"))
    near(copy.norm.averages()[0], net.norm.averages()[0])
    near(copy.norm.averages()[1], net.norm.averages()[1])


def test_averages_carry_no_graph(kit):
    layer, X = layer_of(kit, 3, 2), data(5, 3)
    X.attach_grad()
    with autograd.record():
        layer(X)
    for average in layer.averages():
        try:
            average.backward()
        except MXNetError:
            continue
        raise AssertionError("the average is part of a graph")


def test_smaller_last_batch(kit):
    """The same examples twice have the same mean loss, so the same step."""
    net, copy = kit.network(), kit.network()
    X, y = data(6, 4), np.array([0, 1, 2, 0, 1, 2])
    Xs, ys = X[:3], y[:3]
    for one, two in zip(net.collect_params().values(), copy.collect_params().values()):
        two.set_data(one.data())
    kit.train_epoch(net, [(X, y), (Xs, ys)], 1.0)
    kit.train_epoch(copy, [(X, y), (np.concatenate([Xs, Xs]), np.concatenate([ys, ys]))], 1.0)
    near(net.output.weight.data(), copy.output.weight.data(), 1e-4)


def test_gradient(kit):
    """In training a constant added to a feature changes nothing: the gradient sums to 0."""
    layer, X = layer_of(kit, 3, 2), data(5, 3)
    X.attach_grad()
    with autograd.record():
        Y = layer(X)
    Y.backward(np.random.normal(size=Y.shape))
    near(X.grad.sum(axis=0), np.zeros(3))


tests += [
    test_training,
    test_prediction,
    test_batch_of_one,
    test_predictions_do_not_depend_on_the_batch,
    test_all_that_should_be_trained_is_trained,
    test_no_bias_in_front,
    test_saving,
    test_averages_carry_no_graph,
    test_smaller_last_batch,
    test_gradient,
]
### END SOLUTION

# %% nbgrader={"grade_id": "tests_check", "grade": true, "points": 15}
from d2l_bn.exercises import check

check("bug_zoo", "tests", globals())

# %% [markdown]
# ## In words (5 points)
#
# 1. Which of the bugs would a look at the *training* accuracy never find, and why? Name two.
# 2. Which of your tests would you keep if you could keep only one, and what does it rest on?
#
# Five to ten sentences in the next cell.

# %% [markdown] nbgrader={"grade_id": "in_words", "grade": true, "solution": true, "points": 5}
# 1. All that concerns prediction alone: averages that are not saved, that move in prediction, momentum swapped, a
#    variance that starts at 0, predicting in training mode. Training uses the statistics of the batch, so neither its
#    loss nor its accuracy sees the averages. (2 points for two bugs, 1 for the reason.)
# 2. For instance the test of values in training with a large ε, random γ and channels that differ: it compares with the
#    formula, and finds wrong axes, a misplaced ε, the unbiased variance and a swapped momentum at once. (2 points for
#    a test and what it rests on: a formula, an invariance, or a comparison of two runs.)
