# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 1 · Axis and keepdims
#
# Batch normalization (批量归一化) subtracts a mean and divides by a standard deviation.
# Everything that can go wrong in writing it down is a question of *which* numbers go into that
# mean, and of the *shape* of the result.
#
# **After this notebook you can**
#
# - say, before you run it, what shape `X.mean(axis=..., keepdims=...)` has, for arrays of two,
#   three and four axes;
# - subtract a mean from the right numbers, and notice when broadcasting (广播) has subtracted it
#   from the wrong ones;
# - explain `axis=(0, 2, 3)`, the mean of a channel (通道), and compute it in three other ways.
#
# **Time:** under 20 seconds to run on two CPU cores, 30 minutes to read.
#
# **Needs:** Python and a little NumPy. No data, no network connection.
#
# It covers rows 8 to 11 of the course. Each step goes *predict, then run*: cells with
# `prediction = None` wait for your answer and tell you what they think of it. Left empty, they do
# no harm.

# %%
from mxnet import np, npx

from d2l_bn import figures
from d2l_bn.exercises.self_check import self_check

npx.set_np()  # arrays that behave like NumPy's

# %% [markdown]
# ## Two axes: rows and columns
#
# The shape (形状) of an array lists the lengths of its axes (轴). `A` has 3 rows, which is axis
# 0, and 4 columns, axis 1. Read it as a batch: 3 examples with 4 features each.

# %%
A = np.arange(12).reshape(3, 4)
A

# %% [markdown]
# `A.mean(axis=0)` takes the mean (均值) *along* axis 0: **the axis that you name is the one that
# goes away.**
#
# Predict the shape of the result, then run the cell.

# %%
prediction = None  # a shape, such as (2, 5)

self_check(
    "A.mean(axis=0).shape",
    prediction,
    A.mean(axis=0).shape,
    reasons=[
        ((3,), "You kept axis 0 and removed axis 1; it is the named axis that goes."),
        ((1, 4), "That is the result with keepdims=True, which comes below."),
    ],
)

# %%
A.mean(axis=0)

# %% [markdown]
# In the picture, cells with the same colour and letter go into the same result. With `axis=0`
# each *column* collapses: one mean for each feature, over all examples. This is the mean of batch
# normalization for a fully connected layer (全连接层).

# %%
ax = figures.draw_mean(A, axis=0, name="A")

# %% [markdown]
# `keepdims=True` gives the same numbers. Only the shape differs: the axis stays, with length 1.
# Why that matters comes soon.
#
# Now `axis=1`. Predict the shape *with* `keepdims=True`.

# %%
prediction = None

self_check(
    "A.mean(axis=1, keepdims=True).shape",
    prediction,
    A.mean(axis=1, keepdims=True).shape,
    reasons=[
        ((3,), "That is the shape without keepdims; with it, axis 1 stays with length 1."),
        ((1, 4), "That is axis=0: there the rows collapse."),
        ((1, 3), "The kept axis stays in its own place: axis 1, the second one."),
    ],
)

# %% [markdown]
# Each *row* collapses: one mean for each example, over its features. (That is the mean of *layer*
# normalization, 层归一化, a relative of batch normalization.)

# %%
ax = figures.draw_mean(A, axis=1, name="A")

# %% [markdown]
# ## Three axes
#
# Draw an array of shape `(2, 3, 4)` as 2 sheets of 3 rows and 4 columns. The sheets are `X[0]`
# and `X[1]`.

# %%
X = np.arange(24).reshape(2, 3, 4)
X

# %% [markdown]
# One rule is enough for any number of axes: **strike the named axis out of the shape.** Predict
# all three.

# %%
predictions = {0: None, 1: None, 2: None}  # the shape of X.mean(axis=0), of axis=1, of axis=2

for axis, prediction in predictions.items():
    self_check(f"X.mean(axis={axis}).shape", prediction, X.mean(axis=axis).shape)

# %% [markdown]
# **`axis=0`**: the two sheets are laid on top of each other. Cell `a` of the result is the mean
# of the two cells `a`, (0 + 12) / 2 = 6.

# %%
ax = figures.draw_mean(X, axis=0)

# %% [markdown]
# **`axis=1`**: in each sheet, each column collapses. The sheets stay apart.
#
# The result without `keepdims` is a single sheet whose *rows* are the old sheets. With
# `keepdims=True` there are still two sheets, of one row each: every number stays where you would
# look for it.

# %%
ax = figures.draw_mean(X, axis=1)

# %% [markdown]
# **`axis=2`**, the last one: in each sheet, each row collapses.

# %%
ax = figures.draw_mean(X, axis=2)

# %% [markdown]
# An axis may be counted from the end: `axis=-1` is the last one. An axis that is not there is an
# error, and MXNet says so.

# %%
print((X.mean(axis=-1) == X.mean(axis=2)).all())

try:
    X.mean(axis=3)
except Exception as error:
    print(str(error).splitlines()[-1])

# %% [markdown]
# ## Broadcasting, and what keepdims is for
#
# A mean is computed in order to be subtracted. `A - A.mean(axis=0)` has a `(3, 4)` and a `(4,)`;
# MXNet, like NumPy, *broadcasts* (广播) the smaller one:
#
# 1. write the shapes one below the other, **aligned at the right**, and fill up with 1 at the
#    left;
# 2. an axis of length 1 is stretched to the length of the other; two other lengths must be equal.
#
# ```
#    (3, 4)         (3, 4)               (3, 4)         (3, 4)
#       (4,)   →    (1, 4)   fits           (3,)   →    (1, 3)   does not fit: 4 and 3
# ```

# %%
print(A - A.mean(axis=0))

try:
    print(A - A.mean(axis=1))
except Exception as error:
    print("\nAn error:", str(error).splitlines()[-1])

# %% [markdown]
# An error is the good case. Look at a matrix with as many rows as columns. We want to subtract
# from each row its own mean, so that every row has mean 0. The rows of `S` have the means 2, 20
# and 200.
#
# Does `S - S.mean(axis=1)` raise an error? If not, does every row then have mean 0? Predict both.

# %%
S = np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0], [100.0, 200.0, 300.0]])

raises_an_error = None  # True or False
rows_have_mean_zero = None  # True or False

wrong = S - S.mean(axis=1)
self_check("the first answer", raises_an_error, False)
self_check(
    "the second answer",
    rows_have_mean_zero,
    bool((np.abs(wrong.mean(axis=1)) < 1e-3).all()),
    reasons=[(True, "(3, 3) and (3,) align at the right: the means are stretched downwards.")],
)

# %% [markdown]
# No error, the right shape, the wrong numbers. The three means form a *row*, and broadcasting
# repeats that row (hatched cells are the copies). The first number of every row loses 2, the
# second 20, the third 200.

# %%
ax = figures.draw_broadcast(S, S.mean(axis=1), names=("S", "S.mean(axis=1)"))

# %% [markdown]
# With `keepdims=True` the means form a *column*, since the axis is still there with length 1.
# Broadcasting stretches exactly the axis that was averaged. That always fits.

# %%
ax = figures.draw_broadcast(S, S.mean(axis=1, keepdims=True), names=("S", "with keepdims"))

# %% [markdown]
# This is no far-fetched case. Here is a batch of images: 2 examples, 3 channels, 4 rows and **3**
# columns. We subtract the mean of each channel, once without `keepdims` and once with it.

# %%
sizes = np.array([1.0, 10.0, 100.0]).reshape(1, 3, 1, 1)  # so that the channels differ
images = sizes * np.random.normal(loc=5.0, size=(2, 3, 4, 3))

without = images - images.mean(axis=(0, 2, 3))
with_it = images - images.mean(axis=(0, 2, 3), keepdims=True)

print("shapes                      ", without.shape, with_it.shape)
print("channel means, without      ", without.mean(axis=(0, 2, 3)))
print("channel means, with keepdims", with_it.mean(axis=(0, 2, 3)).round(3))

# %% [markdown]
# Without `keepdims`, the three channel means were aligned at the right, with the three *columns*.
# Both shapes are `(2, 3, 4, 3)`; only the numbers show the mistake.
#
# Another mistake is as silent. Which shape does this one have?

# %%
column = np.ones((3, 1))
row = np.ones((3,))
prediction = None

self_check(
    "(column - row).shape",
    prediction,
    (column - row).shape,
    reasons=[
        ((3, 1), "row counts as (1, 3), so its last axis is 3 long; column is stretched to it."),
        ((3,), "row counts as (1, 3); both are stretched."),
    ],
)

# %% [markdown]
# *Both* are stretched, and two lists of three numbers make a table of nine. A loss that compares
# a `(256, 1)` prediction with a `(256,)` label does this, and trains on nonsense.

# %% [markdown]
# ## Making a wrong shape loud: `assert`
#
# The chapter's code guards itself with `assert` (断言). `assert condition, message` does nothing
# when the condition holds, and raises an `AssertionError` when it does not.


# %%
def centre_rows(X):
    assert len(X.shape) == 2, f"expected a matrix, not an array of shape {X.shape}"
    return X - X.mean(axis=1, keepdims=True)


print(centre_rows(S))

try:
    centre_rows(images)
except AssertionError as error:
    print("\nAssertionError:", error)

# %% [markdown]
# An `assert` states what the *author* believes can never be false. It is not a check of what a
# *user* hands in, for two reasons. It says nothing about the kind of error. And it can be
# switched off: `python -O` leaves out every `assert`. The next cell compiles one line both ways.

# %%
line = "assert 1 + 1 == 3, 'arithmetic is broken'"

for optimize in (0, 1):  # 1 is what `python -O` does
    try:
        exec(compile(line, "<a line>", "exec", optimize=optimize))
        print(f"optimize={optimize}: no error")
    except AssertionError as error:
        print(f"optimize={optimize}: AssertionError: {error}")

# %% [markdown]
# So the package checks its arguments with `if` and raises `ValueError` or `TypeError`, before
# anything is computed. The message says what came, what was expected and what to do. The
# chapter's `batch_norm` begins with `assert len(X.shape) in (2, 4)`, and lets a γ of the wrong
# shape broadcast. The package's refuses both:

# %%
from d2l_bn.norms.batch import batch_norm

one, zero = np.ones((1, 3)), np.zeros((1, 3))

for X_given, gamma in ((np.ones((2, 3, 4)), one), (np.ones((2, 3)), np.ones((3,)))):
    try:
        batch_norm(X_given, gamma, zero, zero, one)
    except ValueError as error:
        print("ValueError:", error)

# %% [markdown]
# ## Several axes at once
#
# `axis` may be a tuple. Both axes go. Predict the shape for `X` of shape `(2, 3, 4)`.

# %%
prediction = None

self_check(
    "X.mean(axis=(0, 2)).shape",
    prediction,
    X.mean(axis=(0, 2)).shape,
    reasons=[((2, 4), "Those are the two axes that go; axis 1 stays.")],
)

# %%
ax = figures.draw_mean(X, axis=(0, 2))

# %% [markdown]
# A mean over several axes is a chain of means over one axis each. Going from the **last axis to
# the first**, the numbers of the axes that are still to come stay valid:

# %%
print("X.mean(axis=(0, 2))           ", X.mean(axis=(0, 2)))
print("X.mean(axis=2).mean(axis=0)   ", X.mean(axis=2).mean(axis=0))

# %% [markdown]
# From the first to the last, they do not. After `X.mean(axis=0)` the old axis 2 has become axis
# 1, so `.mean(axis=2)` is an error, or, with more axes, the wrong mean. With `keepdims=True`
# every axis keeps its number, and any order will do.

# %%
print(X.mean(axis=0).mean(axis=1))
print(X.mean(axis=0, keepdims=True).mean(axis=2, keepdims=True).reshape(-1))

# %% [markdown]
# **When is a mean of means the mean?** When all groups are equally large. That is so in an array:
# each row has as many numbers as the next. It is not so for groups of different sizes:

# %%
small, large = np.array([10.0]), np.array([1.0, 2.0, 3.0])

print("mean of the two means:  ", (small.mean() + large.mean()) / 2)
print("mean of the four values:", np.concatenate([small, large]).mean())

# %% [markdown]
# This returns with batches: 60,000 images in batches of 256 are 234 full batches and a last one
# of 96. The plain mean of the 235 batch means gives the images of the last batch 256/96 ≈ 2.7
# times the weight of the others.

# %% [markdown]
# ## Four axes: the mean of a channel
#
# The output of a convolutional layer (卷积层) has four axes, `(N, C, H, W)`: examples, channels,
# height, width. The picture draws one sheet for each example (downwards) and channel (to the
# right).
#
# Batch normalization needs **one mean for each channel**, over everything else. Which axes go?

# %%
U = np.arange(24).reshape(2, 3, 2, 2)

axes = None  # a tuple of axes

self_check(
    "the tuple of axes",
    axes,
    (0, 2, 3),
    reasons=[
        ((1,), "Axis 1 is the channel: the one that stays."),
        ((2, 3), "That leaves a mean for each example and channel: (2, 3) of them."),
    ],
)

# %%
prediction = None  # a shape

self_check(
    "U.mean(axis=(0, 2, 3), keepdims=True).shape",
    prediction,
    U.mean(axis=(0, 2, 3), keepdims=True).shape,
    reasons=[
        ((3,), "That is without keepdims."),
        ((2, 1, 2, 2), "You removed the channels and kept the rest; it is the other way round."),
    ],
)

# %%
ax = figures.draw_mean(U, axis=(0, 2, 3), name="U")

# %% [markdown]
# All cells of one colour go into one number: 2 examples × 2 rows × 2 columns = 8 values. In
# general these are $m \cdot p \cdot q$ values for $m$ examples and feature maps (特征图) of
# $p \times q$:
#
# $$\mu_c = \frac{1}{m\,p\,q} \sum_{n=1}^{m} \sum_{i=1}^{p} \sum_{j=1}^{q} U_{n,c,i,j}$$
#
# > **A correction.** A comment in one of the course's sources calls this "the mean of a channel
# > of a *single image*". It is the mean over **all images of the batch**. The mean of a single
# > image is `axis=(2, 3)`, a number for each example *and* channel, which is what *instance*
# > normalization (实例归一化) uses.

# %%
print("of each channel, over the batch: axis=(0, 2, 3)\n", U.mean(axis=(0, 2, 3)))
print("of each channel of each image:   axis=(2, 3)\n", U.mean(axis=(2, 3)))

# %% [markdown]
# ### Move it yourself
#
# **Predict first.** An array has the shape `(2, 4, 2, 4)`. Without `keepdims`, what happens to
# `X - X.mean(axis=(0, 2, 3))`: is it `"right"`, is it `"wrong"` without a word, or is it an
# `"error"`? And `X - X.mean(axis=(1, 2, 3))`?

# %%
over_n_h_w = None  # "right", "wrong" or "error"
over_c_h_w = None

# %% [markdown]
# Press N, H and W, then switch keepdims off. Then C in place of N.

# %%
figures.interactive("axis_collapser")

# %%
self_check(
    "the outcome over N, H and W",
    over_n_h_w,
    "wrong",
    [
        (
            "error",
            "The 4 means of the channels fit the last axis, W, which happens to have 4 columns.",
        ),
        (
            "right",
            "The means have the shape (4,), and broadcasting lays them along the last axis, W.",
        ),
    ],
)
self_check("the outcome over C, H and W", over_c_h_w, "error")

# %% [markdown]
# **With `keepdims` a mean stays where its values were; without, it lies down along the last axes,
# whatever these are.**

# %% [markdown]
# The chain, step by step: first each row of each map collapses (axis 3), then what is left of
# each map (axis 2), then the examples (axis 0). The colours never mix: channels stay apart to the
# end.

# %% tags=["cover"]
ax = figures.draw_chain(U, axes=(3, 2, 0), name="U")

# %%
step1 = U.mean(axis=3, keepdims=True)
step2 = step1.mean(axis=2, keepdims=True)
step3 = step2.mean(axis=0, keepdims=True)

for step in (step1, step2, step3, U.mean(axis=(0, 2, 3), keepdims=True)):
    print(f"{str(step.shape):14s}", step.reshape(-1)[:6])

# %% [markdown]
# One more way to say the same: put the channels first and flatten the rest. Then each channel is
# a row of $m p q$ numbers.

# %%
rows = U.transpose(1, 0, 2, 3).reshape(3, -1)
print(rows)
print(rows.mean(axis=1))

# %% [markdown]
# ## A mean is a matrix product
#
# The mean of a row of $n$ numbers is its product with a column of $n$ times $1/n$:
# $\frac{1}{n}(x_1 + \dots + x_n) = x^\top \left(\tfrac1n, \dots, \tfrac1n\right)$. The means of
# all rows of a matrix are one matrix product (矩阵乘积).

# %%
ax = figures.draw_product(A, name="A")

# %% [markdown]
# The channel mean takes two products: one over the pixels, one over the examples.


# %%
def channel_mean(X):
    N, C, H, W = X.shape
    over_pixels = np.dot(X.reshape(N * C, H * W), np.full((H * W, 1), 1 / (H * W)))  # (N*C, 1)
    return np.dot(np.full((1, N), 1 / N), over_pixels.reshape(N, C))  # (1, C)


print(channel_mean(U), U.mean(axis=(0, 2, 3)))

# %% [markdown]
# Why would anyone write it like this? Because processors and their libraries are made for matrix
# products. The next cell measures both on the output of the chapter's first convolution: 256
# examples, 6 channels, 24 × 24.
#
# One thing about clocks. MXNet is asynchronous (异步): an operation returns at once, and the work
# is done later in another thread. `npx.waitall()` waits for it. Without it, the clock measures
# how long it takes to *ask*.

# %%
from statistics import median
from time import perf_counter

from d2l_bn.norms.moments import mean_over


def milliseconds(function, wait=True, repeats=15):
    times = []
    for _ in range(repeats):
        npx.waitall()
        start = perf_counter()
        function()
        if wait:
            npx.waitall()
        times.append(1000 * (perf_counter() - start))
    npx.waitall()
    return median(times)


batch = np.random.normal(size=(256, 6, 24, 24))
asked = milliseconds(lambda: batch.mean(axis=(0, 2, 3)), wait=False)
plain = milliseconds(lambda: batch.mean(axis=(0, 2, 3)))
product = milliseconds(lambda: channel_mean(batch))
package = milliseconds(lambda: mean_over(batch, (0, 2, 3)))
difference = np.abs(channel_mean(batch) - batch.mean(axis=(0, 2, 3))).max().item()

print(f"mean(axis=(0, 2, 3)), only asked for: {asked:6.2f} ms")
print(f"mean(axis=(0, 2, 3)):                 {plain:6.2f} ms")
print(
    f"two matrix products:                  {product:6.2f} ms, {plain / product:.0f} times as fast"
)
print(
    f"the package's mean_over:              {package:6.2f} ms, {plain / package:.0f} times as fast"
)
print(f"largest difference of two means: {difference:.1e}")

# %% [markdown]
# The package's layer computes all its statistics with `mean_over`, which is such a product, too.
# The numbers are the same up to rounding.

# %% [markdown]
# ## Summary
#
# | `X` of shape `(N, C, H, W)` | shape of the mean | with `keepdims=True` | numbers in each mean | used by |
# |---|---|---|---|---|
# | `mean(axis=(0, 2, 3))` | `(C,)` | `(1, C, 1, 1)` | N·H·W | batch normalization |
# | `mean(axis=(1, 2, 3))` | `(N,)` | `(N, 1, 1, 1)` | C·H·W | layer normalization |
# | `mean(axis=(2, 3))` | `(N, C)` | `(N, C, 1, 1)` | H·W | instance normalization |
#
# For `X` of shape `(N, C)`, batch normalization takes `mean(axis=0)`: `(C,)`, or `(1, C)` with
# `keepdims=True`.
#
# - The axis that you name goes away; with `keepdims=True` it stays with length 1.
# - Shapes are aligned at the right. With `keepdims=True` a mean always fits back onto its array;
#   without it, it may fit *by accident*, and no error tells you.
# - A mean over several axes is a chain of means, since the groups are equally large.
# - `assert` is for the author's beliefs, `ValueError` for the user's input.
#
# ## Exercises
#
# 1. `X` has shape `(8, 5, 7, 7)`. Write down, without running it, the shapes of `X.mean(axis=1)`,
#    `X.mean(axis=(1, 2, 3), keepdims=True)` and `X - X.mean(axis=(2, 3), keepdims=True)`. Then
#    check.
# 2. Is `X - X.mean(axis=(2, 3))` an error for that `X`? For which shapes is it *not* an error,
#    although it is wrong?
# 3. A mean of means is the mean. Is a variance (方差) of variances the variance? Compare
#    `X.var(axis=(0, 2, 3))` with the mean over axis 0 of `X.var(axis=(2, 3))`. Which is larger,
#    and what is missing?
# 4. Group normalization (组归一化) takes a mean over H, W and the channels of one *group*. Get it
#    for 6 channels in 2 groups with one `reshape` and one `mean`. The cell below tells you
#    whether it is right.

# %%
Z = np.random.normal(size=(4, 6, 5, 5))
group_mean = None  # exercise 4: shape (4, 2), for each example and group

right = np.stack([Z[:, :3].mean(axis=(1, 2, 3)), Z[:, 3:].mean(axis=(1, 2, 3))], axis=1)
self_check("group_mean", group_mean, right)

# %% [markdown]
# ## Where to read on
#
# - **Notebook 2, Two momentums:** what happens to these means from batch to batch.
# - **Notebook 3, LeNet with batch normalization:** the layer that is made from them.
# - NumPy's manual has a chapter on broadcasting, with the full rules.
# - Ioffe & Szegedy, *Batch Normalization*, 2015, arXiv 1502.03167, section 3.2: why a channel
#   shares one mean.
