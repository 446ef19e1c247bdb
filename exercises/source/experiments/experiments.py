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
# # Exercise 6 · Experiments
#
# The chapter ends with questions that only an experiment answers. Is the bias (偏置) redundant? How large may the
# learning rate (学习率) be? In which layer does batch normalization (批量归一化) matter? What if γ and β are frozen?
# Can dropout (暂退法) replace it? Here you make the tools of such studies, use them, and say what you conclude.
#
# **Read first:** notebook 3, and notebook 7 where you have it. **Time:** 120 minutes. **Points:** 20.
#
# | task | points |
# |---|---|
# | 1 `bias_gradients` | 3 |
# | 2 `largest_rate` | 3 |
# | studies 1 and 2, in words | 4 |
# | 3 `summary` | 2 |
# | 4 `freeze` | 2 |
# | 5 `dropout_net` | 2 |
# | studies 3 to 5, in words | 4 |
#
# The runs take a second each. Their data are drawn garments, *not* Fashion-MNIST: you learn to make a study and to say
# what it shows and what not. The checks test your tools on runs whose outcome they know, new ones each time.
#
# In a terminal, `d2l-bn check experiments experiments.ipynb` makes all checks of this notebook, and names the sections to
# read again.

# %%
import math

import numpy
from mxnet import autograd, gluon

import d2l_bn
from d2l_bn.exercises import small_run

# %%
small_run.run(seed=0, lr=1.0, norm="gluon"), small_run.run(seed=0, lr=1.0, norm=None)

# %% [markdown]
# `small_run.run(seed, lr, ...)` trains a LeNet and returns the loss of its last epoch, NaN if it diverged. It hands
# `norm`, `places`, `use_bias` and so on to `d2l_bn.lenet`; `net=` takes a network of yours, and `prepare=` a function
# that is called with the network first.
#
# ## 1 · Is the bias redundant? (3 points)
#
# Batch normalization subtracts the mean, and with it whatever a bias added before:
#
# $$\mathrm{BN}(Wu + b) = \mathrm{BN}(Wu), \qquad \text{so}\quad \frac{\partial L}{\partial b} = 0$$
#
# Write `bias_gradients(net, X, y)`: for the layers `conv1`, `conv2`, `dense1`, `dense2`, `output` of a LeNet, the largest
# absolute entry of the gradient (梯度) of `net.conv1.bias` and so on, in training mode, where L is the *mean* of
# `gluon.loss.SoftmaxCrossEntropyLoss()` over the batch. Return a dictionary from these names to numbers.
# `net` is an initialized network, `X` a batch of images (N, 1, 28, 28), `y` their N labels.


# %% nbgrader={"grade_id": "bias_gradients", "solution": true}
def bias_gradients(net, X, y):
    """From the name of a layer to the largest |gradient| of its bias."""
    ### BEGIN SOLUTION
    with autograd.record():
        loss = gluon.loss.SoftmaxCrossEntropyLoss()(net(X), y).mean()
    loss.backward()
    names = ("conv1", "conv2", "dense1", "dense2", "output")
    return {n: abs(getattr(net, n).bias.grad().asnumpy()).max() for n in names}
    ### END SOLUTION


# %% nbgrader={"grade_id": "bias_gradients_check", "grade": true, "points": 3}
from d2l_bn.exercises import check

check("experiments", "bias_gradients", globals())

# %% [markdown]
# ## 2 · How large may the learning rate be? (3 points)
#
# Write `largest_rate(run, rates, seeds)`. `run(lr, seed)` returns the final loss of a run, perhaps NaN; `rates` is a list that
# ascends, `seeds` a list of whole numbers. A
# rate *works* if for **every** seed the loss is a number below $\ln 10$, which is what guessing costs. Return the largest
# rate that works and below which all others work, too; `None` if the first does not.


# %% nbgrader={"grade_id": "largest_rate", "solution": true}
def largest_rate(run, rates, seeds):
    """The last rate before the first that fails for some seed; None if there is none."""
    ### BEGIN SOLUTION
    largest = None
    for rate in rates:
        if not all(run(rate, seed) < math.log(10) for seed in seeds):  # false for NaN
            break
        largest = rate
    return largest
    ### END SOLUTION


# %% nbgrader={"grade_id": "largest_rate_check", "grade": true, "points": 3}
from d2l_bn.exercises import check

check("experiments", "largest_rate", globals())

# %% [markdown]
# Now use it: for `norm=None` and `norm="gluon"`, both with `activation="tanh"`, over rates of your choice (say 0.03 to 10)
# and two seeds. (Why not with the sigmoid (sigmoid函数) that LeNet has by default? In so few steps the network without a
# normalizer then learns at no rate at all: there is no limit to be found. Try it.)


# %% nbgrader={"grade_id": "largest_rate_b", "solution": true}
def study_2():
    """Print the largest rate that works, without and with batch normalization."""
    ### BEGIN SOLUTION
    for norm in (None, "gluon"):
        limit = largest_rate(
            lambda lr, seed, norm=norm: small_run.run(seed, lr, norm=norm, activation="tanh"),
            rates=[0.03, 0.1, 0.3, 1.0, 3.0, 10.0],
            seeds=[0, 1],
        )
        print(f"norm={norm}: works up to {limit}")
    ### END SOLUTION


# %%
small_run.attempt(study_2)

# %% [markdown]
# **In words (4 points):** What did you find in studies 1 and 2, with numbers? What does the learning rate limit *not* say
# about which network to prefer? Name one thing that you would change to trust the result.

# %% [markdown] nbgrader={"grade_id": "words_rates", "grade": true, "solution": true, "points": 4}
# - With batch normalization the gradients of the biases before it are 0 up to rounding (1e-7 to 1e-5 in float32, against
#   5e-4 and more for a real one), that of `output` is not; without it none is 0. So these biases never move and may be
#   left out. (1)
# - The limits, as computed above: with tanh and the rates of the answer key 0.3 without and 1 with batch normalization.
#   A loss near 2.303 at small rates means that there were too few steps, not that the rate is too large. (1)
# - A larger limit is not a better network: compare at the best rate of each, on test data. (1)
# - Real data, more seeds, more steps, a finer grid. (1)

# %% [markdown]
# ## 3 · In which layer? (2 points)
#
# A single run says little: another seed gives another loss. Write `summary(run, settings, seeds)`, where `run(setting, seed)`
# is a number, `settings` a list of anything that can be the key of a dictionary, `seeds` a list. Return a dictionary from each setting to `(mean, standard error)`:
#
# $$\bar x = \frac1n\sum_i x_i, \qquad
# \text{standard error (标准误)} = \frac{1}{\sqrt n}\sqrt{\frac{1}{n-1}\sum_i (x_i-\bar x)^2}$$


# %% nbgrader={"grade_id": "summary", "solution": true}
def summary(run, settings, seeds):
    """From a setting to the mean over the seeds and its standard error."""
    ### BEGIN SOLUTION
    result = {}
    for setting in settings:
        x = numpy.array([run(setting, seed) for seed in seeds])
        result[setting] = x.mean(), x.std(ddof=1) / math.sqrt(len(x))
    return result
    ### END SOLUTION


# %% nbgrader={"grade_id": "summary_check", "grade": true, "points": 2}
from d2l_bn.exercises import check

check("experiments", "summary", globals())

# %% [markdown]
# Use it on `places=(1,)`, `(2,)`, `(3,)`, `(4,)` and all four, with three seeds or more.


# %% nbgrader={"grade_id": "summary_b", "solution": true}
def study_3():
    """Print the mean loss and its standard error for each place."""
    ### BEGIN SOLUTION
    places = [(1,), (4,), (1, 2, 3, 4)]
    table = summary(lambda p, seed: small_run.run(seed, places=p), places, seeds=[0, 1, 2])
    for setting, (mean, error) in table.items():
        print(f"{setting!s:14} {mean:.3f} ± {error:.3f}")
    ### END SOLUTION


# %%
small_run.attempt(study_3)

# %% [markdown]
# ## 4 · Frozen γ and β (2 points)
#
# Write `freeze(net)`: after it, training leaves every γ and β of `net` as it is, while the weights are trained and the moving
# averages (移动平均) still move. It must serve Gluon's layers and the course's. (`net.collect_params(pattern)` finds
# parameters by name, and `parameter.grad_req` says what happens to a gradient.)


# %% nbgrader={"grade_id": "freeze", "solution": true}
def freeze(net):
    """No γ and no β of net is trained from now on."""
    ### BEGIN SOLUTION
    for parameter in net.collect_params(".*gamma|.*beta").values():
        parameter.grad_req = "null"
    ### END SOLUTION


# %% nbgrader={"grade_id": "freeze_check", "grade": true, "points": 2}
from d2l_bn.exercises import check

check("experiments", "freeze", globals())

# %% [markdown]
# ## 5 · Dropout in its place (2 points)
#
# Write `dropout_net(rate)`: a LeNet without any normalizer, with a dropout of this rate behind the activation of each of the
# two dense layers (`act3`, `act4`), not initialized. `d2l_bn.lenet` can build it; a network of your own of the same shapes
# and activation does as well: it is judged by what it does.


# %% nbgrader={"grade_id": "dropout_net", "solution": true}
def dropout_net(rate):
    """LeNet with dropout where batch normalization was, in the dense part; not initialized."""
    ### BEGIN SOLUTION
    return d2l_bn.lenet(norm=None, dropout={"act3": rate, "act4": rate})
    ### END SOLUTION


# %% nbgrader={"grade_id": "dropout_net_check", "grade": true, "points": 2}
from d2l_bn.exercises import check

check("experiments", "dropout_net", globals())

# %% [markdown]
# Compare, with `summary`: batch normalization, the same with frozen γ and β (`prepare=freeze`), dropout (`net=dropout_net(0.5)`),
# and neither.


# %% nbgrader={"grade_id": "dropout_net_b", "solution": true}
def study_5():
    """Print the mean loss and its standard error for each of the four."""
    ### BEGIN SOLUTION
    settings = {
        "batch norm": lambda: {},
        "frozen": lambda: {"prepare": freeze},
        "dropout": lambda: {"net": dropout_net(0.5)},
        "neither": lambda: {"norm": None},
    }
    table = summary(lambda s, seed: small_run.run(seed, **settings[s]()), list(settings), [0, 1, 2])
    for setting, (mean, error) in table.items():
        print(f"{setting:12} {mean:.3f} ± {error:.3f}")
    ### END SOLUTION


# %%
small_run.attempt(study_5)

# %% [markdown]
# **In words (4 points):** What did you find in studies 3 to 5, with numbers and their errors? Which differences are larger than
# twice their standard error? Why can dropout not do here what batch normalization does?

# %% [markdown] nbgrader={"grade_id": "words_places", "grade": true, "solution": true, "points": 4}
# - Numbers with errors from both tables. (1)
# - Which differences exceed twice the standard error of the difference, √(e₁² + e₂²), and which do not. (1)
# - Frozen γ = 1 and β = 0 cost little here: the next layer's weights can scale, too; it is the normalization that helps. (1)
# - Dropout does nothing about saturated sigmoids, poor conditioning or scale: it regularizes, and slows down the training
#   loss. Batch normalization keeps the signals in range. (1)
