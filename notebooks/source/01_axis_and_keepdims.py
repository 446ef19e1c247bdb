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
# Batch normalization (批量归一化) begins with a subtraction: from each channel, its mean. Below are
# two programs for it. They differ in one argument. Both run, both give an array of the right shape,
# and one of them is wrong. By the end of this lesson you will see it at a glance.
#
# **After this notebook you can**
#
# - say, before you run it, what shape `X.mean(axis=..., keepdims=...)` has, for arrays of two,
#   three and four axes;
# - subtract a mean from the right numbers, and notice when broadcasting (广播) has subtracted it
#   from the wrong ones;
# - explain `axis=(0, 2, 3)`, the mean of a channel (通道), and compute it in three other ways.
#
# **Time:** under 20 seconds to run on two CPU cores, 15 minutes to read and do.
#
# **Needs:** Python and a little NumPy. No data, no network connection.
#
# Each step goes *predict, then run*: cells with `prediction = None` wait for your answer and tell
# you what they think of it. Left empty, they do no harm.

# %%
from d2l_bn.threads import choose_threads

choose_threads()  # before MXNet is loaded

from mxnet import np, npx

from d2l_bn import figures
from d2l_bn.exercises.predictions import predictions

npx.set_np()  # arrays that behave like NumPy's
check = predictions("axis_and_keepdims")

# %% [markdown]
# ## A mistake that raises no error
#
# Here is a batch of 8 examples from a network with 24 channels, each a feature map (特征图) of 24 × 24
# numbers. The channels have the means 0, 1, 2, …, 23. We take each channel's mean away from it.

# %%
npx.random.seed(0)
maps = np.random.normal(size=(8, 24, 24, 24)) + np.arange(24).reshape(1, 24, 1, 1)

one = maps - maps.mean(axis=(0, 2, 3))
other = maps - maps.mean(axis=(0, 2, 3), keepdims=True)

print(one.shape, other.shape)

# %% [markdown]
# Afterwards, the mean of every channel should be 0. Is it?

# %%
ax = figures.draw_lines(
    {"without keepdims": one.mean(axis=(0, 2, 3)), "with keepdims": other.mean(axis=(0, 2, 3))},
    xlabel="channel",
    ylabel="mean after the subtraction",
)
figures.show(
    ax,
    alt="The mean of each of 24 channels after the subtraction: with keepdims it is 0 for all, "
    "without it rises in a straight line from about -11.5 to 11.5.",
)

# %% [markdown]
# The first program has changed nothing about the channels: they are as far apart as before. And had
# the maps been 23 columns wide, MXNet would have refused. A mistake that shows only for some shapes,
# and then not as an error, is worth half an hour.

# %% [markdown]
# ## Two axes: rows and columns
#
# The shape (形状) of an array lists the lengths of its axes (轴). `A` has 3 rows, which is axis
# 0, and 4 columns, axis 1. Read it as a batch: 3 examples (样本) with 4 channels each.

# %%
A = np.arange(12).reshape(3, 4)
A

# %% [markdown]
# `A.mean(axis=0)` takes the mean (均值) *along* axis 0: **the axis that you name is the one that
# goes away.** Predict the shape of the result.

# %%
prediction = None  # a shape, such as (2, 5)

check("shape_over_examples", prediction)

# %%
A.mean(axis=0)

# %% [markdown]
# In the picture, cells with the same colour and letter go into the same result. With `axis=0`
# each *column* collapses: one mean for each channel, over all examples. This is the mean of batch
# normalization for a fully connected layer (全连接层).
#
# `keepdims=True` gives the same numbers. Only the shape differs: the axis stays, with length 1
# (in red).

# %%
columns = figures.draw_mean(A, axis=0, name="A", names=("example", "channel"))
figures.show(
    columns,
    alt="A table of 3 examples and 4 channels. Each column collapses to one mean: 4, 5, 6, 7, of "
    "shape (4,), or (1, 4) with keepdims, where the axis of examples stays with length 1.",
)

# %% [markdown]
# Now `axis=1`. Predict the shape *with* `keepdims=True`.

# %%
prediction = None

check("shape_over_channels_kept", prediction)

# %% [markdown]
# Each *row* collapses: one mean for each example, over its channels. (That is the mean of *layer*
# normalization, 层归一化, a relative of batch normalization.)

# %%
rows = figures.draw_mean(A, axis=1, name="A", names=("example", "channel"))
figures.show(
    rows,
    alt="The same table. Each row collapses to one mean: 1.5, 5.5, 9.5. Without keepdims they lie "
    "in a row of shape (3,), with it they stand in a column of shape (3, 1).",
)

# %% [markdown]
# ## Three axes
#
# Draw an array of shape `(2, 3, 4)` as 2 sheets of 3 rows and 4 columns. The sheets are `X[0]`
# and `X[1]`. One rule is enough for any number of axes: **strike the named axis out of the shape.**
# Predict all three.

# %%
X = np.arange(24).reshape(2, 3, 4)

along_0, along_1, along_2 = None, None, None  # the shape of X.mean(axis=0), axis=1, axis=2

check("shape_along_0", along_0)
check("shape_along_1", along_1)
check("shape_along_2", along_2)

# %% [markdown]
# **`axis=0`**: the two sheets are laid on top of each other. Cell `a` of the result is the mean
# of the two cells `a`, (0 + 12) / 2 = 6.

# %%
sheets = figures.draw_mean(X, axis=0)
figures.show(sheets, alt="Two sheets of 3 × 4 cells collapse into one sheet, cell by cell.")

# %% [markdown]
# **`axis=1`**: in each sheet, each column collapses. The sheets stay apart.
#
# The result without `keepdims` is a single sheet whose *rows* are the old sheets. With
# `keepdims=True` there are still two sheets, of one row each: every number stays where you would
# look for it.

# %%
middle = figures.draw_mean(X, axis=1)
figures.show(
    middle,
    alt="Each column of each sheet collapses. Without keepdims the result is one sheet of 2 × 4, "
    "with it two sheets of one row each.",
)

# %% [markdown]
# An axis may be counted from the end, so `axis=-1` is the last one: each row of each sheet
# collapses. An axis that is not there is an error.

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

check("raises_an_error", raises_an_error)
check("rows_have_mean_zero", rows_have_mean_zero)

# %% [markdown]
# No error, the right shape, the wrong numbers. The three means form a *row*, and broadcasting
# repeats that row (hatched cells are the copies). The first number of every row loses 2, the
# second 20, the third 200.

# %%
wrong = figures.draw_broadcast(S, S.mean(axis=1), names=("S", "S.mean(axis=1)"))
figures.show(
    wrong,
    alt="The means 2, 20, 200 lie in a row, and copies of that row are subtracted: the colours of "
    "the copies do not match those of the rows of S.",
)

# %% [markdown]
# With `keepdims=True` the means form a *column*, since the axis is still there with length 1.
# Broadcasting stretches exactly the axis that was averaged. That always fits.

# %%
right = figures.draw_broadcast(S, S.mean(axis=1, keepdims=True), names=("S", "with keepdims"))
figures.show(
    right,
    alt="The means stand in a column, are copied to the right, and each row loses its own mean.",
)

# %% [markdown]
# This is what went wrong at the start. The 24 channel means, of shape `(24,)`, were aligned at the
# right, with the 24 *columns* of the maps.
#
# Another mistake is as silent. Which shape does this one have?

# %%
column = np.ones((3, 1))
row = np.ones((3,))
prediction = None  # the shape of column - row

check("column_minus_row", prediction)

# %% [markdown]
# *Both* are stretched, and two lists of three numbers make a table of nine. A loss (损失) that
# compares a `(256, 1)` prediction with a `(256,)` label does this, and trains on nonsense.

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
    centre_rows(maps)
except AssertionError as error:
    print("\nAssertionError:", error)

# %% [markdown]
# An `assert` states what the *author* believes can never be false. It is no check of what a
# *user* hands in, as it can be switched off: `python -O` leaves out every `assert`. So the package
# checks with `if` and raises `ValueError` or `TypeError`, before anything is computed. The message
# says what came, what was expected and what to do.

# %%
from d2l_bn.norms.batch import batch_norm

ones, zeros = np.ones((1, 3)), np.zeros((1, 3))

try:
    batch_norm(np.ones((2, 3)), np.ones((3,)), zeros, zeros, ones)  # γ lies down
except ValueError as error:
    print("ValueError:", error)

# %% [markdown]
# ## Several axes at once
#
# `axis` may be a tuple. Both axes go. Predict the shape of `X.mean(axis=(0, 2))` for `X` of shape
# `(2, 3, 4)`.

# %%
prediction = None

check("shape_over_two_axes", prediction)

# %%
both = figures.draw_mean(X, axis=(0, 2))
figures.show(
    both,
    alt="All cells of a row, in both sheets, go into one number: 7.5, 11.5 and 15.5, of shape (3,), "
    "or (1, 3, 1) with keepdims.",
)

# %% [markdown]
# A mean over several axes is a chain of means over one axis each. Going from the **last axis to
# the first**, the numbers of the axes that are still to come stay valid. From the first to the last
# they do not: after `X.mean(axis=0)` the old axis 2 has become axis 1. With `keepdims=True` every
# axis keeps its number, and any order will do.

# %%
print("X.mean(axis=(0, 2))        ", X.mean(axis=(0, 2)))
print("X.mean(axis=2).mean(axis=0)", X.mean(axis=2).mean(axis=0))
print("X.mean(axis=0).mean(axis=1)", X.mean(axis=0).mean(axis=1))

# %% [markdown]
# **When is a mean of means the mean?** When all groups are equally large, as the rows of an array
# are. Groups of different sizes are another matter: 60,000 images in batches of 256 are 234 full
# batches and a last one of 96, and the plain mean of the 235 batch means gives each image of the
# last batch 256/96 ≈ 2.7 times the weight of the others.

# %% [markdown]
# ## Four axes: the mean of a channel
#
# The output of a convolutional layer (卷积层) has four axes, `(N, C, H, W)`: examples, channels,
# height, width. The picture draws one sheet for each example (downwards) and channel (to the
# right).
#
# Batch normalization needs **one mean for each channel**, over everything else. Which axes go, and
# which shape has the result with `keepdims=True`?

# %%
U = np.arange(24).reshape(2, 3, 2, 2)

axes = None  # a tuple of axes
shape = None

check("axes_of_a_channel", axes)
check("shape_of_channel_means", shape)

# %%
channels = figures.draw_mean(
    U, axis=(0, 2, 3), name="U", names=("example", "channel", "row", "column")
)
figures.show(
    channels,
    alt="Six sheets of 2 × 2, two examples by three channels. The eight cells of a channel, in both "
    "examples, have one colour and go into one mean: 7.5, 11.5, 15.5.",
)

# %% [markdown]
# All cells of one colour go into one number: 2 examples × 2 rows × 2 columns = 8 values. In
# general these are $m \cdot p \cdot q$ values for $m$ examples and feature maps of $p \times q$:
#
# $$\mu_c = \frac{1}{m\,p\,q} \sum_{n=1}^{m} \sum_{i=1}^{p} \sum_{j=1}^{q} U_{n,c,i,j}$$
#
# > **A correction.** A comment in the chapter's code calls this 某通道单个图片的均值, "the mean of a
# > channel of a *single image*". It is the mean over **all images of the batch**. The mean of a single
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
check("over_n_h_w", over_n_h_w)
check("over_c_h_w", over_c_h_w)

# %% [markdown]
# **With `keepdims` a mean stays where its values were; without, it lies down along the last axes,
# whatever these are.**

# %% [markdown]
# ### Three other ways
#
# A chain: first each row of each map collapses (axis 3), then what is left of each map (axis 2),
# then the examples (axis 0). The colours never mix: channels stay apart to the end.

# %% tags=["cover"]
chain = figures.draw_chain(U, axes=(3, 2, 0), name="U")
figures.show(
    chain,
    alt="From six sheets of 2 × 2 to six of one column, to six single cells, to three: the colours "
    "of the channels stay apart at every step.",
)

# %% [markdown]
# A row for each channel: put the channels first and flatten the rest. And MXNet's older interface,
# `mx.nd`, which the chapter's first edition uses, can name the axis that *stays*:

# %%
import mxnet as mx

print(U.mean(axis=3).mean(axis=2).mean(axis=0))  # the chain
print(U.transpose(1, 0, 2, 3).reshape(3, -1).mean(axis=1))  # a row for each channel
print(mx.nd.mean(U.as_nd_ndarray(), axis=1, exclude=True).asnumpy())  # all axes but 1

# %% [markdown]
# ## A mean is a matrix product
#
# The mean of a row of $n$ numbers is its product with a column of $n$ times $1/n$:
# $\frac{1}{n}(x_1 + \dots + x_n) = x^\top \left(\tfrac1n, \dots, \tfrac1n\right)$. The means of
# all rows of a matrix are one matrix product (矩阵乘法).

# %%
product = figures.draw_product(A, name="A")
figures.show(
    product,
    alt="A matrix of 3 × 4 times a column of four quarters gives the mean of each row: 1.5, 5.5, 9.5.",
)

# %% [markdown]
# The channel mean takes two products: one over the pixels, one over the examples. Processors and
# their libraries are made for matrix products. The cell measures both ways on the output of LeNet's
# first convolution: 256 examples, 6 channels, 24 × 24. (MXNet is asynchronous, 异步: an operation
# returns at once, and the work is done later. `npx.waitall()` waits for it; without it, the clock
# measures how long it takes to *ask*.)


# %%
from statistics import median
from time import perf_counter


def channel_mean(X):
    N, C, H, W = X.shape
    over_pixels = np.dot(X.reshape(N * C, H * W), np.full((H * W, 1), 1 / (H * W)))  # (N*C, 1)
    return np.dot(np.full((1, N), 1 / N), over_pixels.reshape(N, C))  # (1, C)


def milliseconds(function, wait=True):
    times = []
    for _ in range(15):
        npx.waitall()
        start = perf_counter()
        function()
        if wait:
            npx.waitall()
        times.append(1000 * (perf_counter() - start))
    return median(times)


batch = np.random.normal(size=(256, 6, 24, 24))
asked = milliseconds(lambda: batch.mean(axis=(0, 2, 3)), wait=False)
plain = milliseconds(lambda: batch.mean(axis=(0, 2, 3)))
fast = milliseconds(lambda: channel_mean(batch))

print(f"mean(axis=(0, 2, 3)), only asked for: {asked:6.2f} ms")
print(f"mean(axis=(0, 2, 3)):                 {plain:6.2f} ms")
print(f"two matrix products:                  {fast:6.2f} ms, {plain / fast:.0f} times as fast")
difference = np.abs(channel_mean(batch) - batch.mean(axis=(0, 2, 3))).max().item()
print(f"largest difference of two means:      {difference:.1e}")

# %% [markdown]
# The same numbers up to rounding. (The package goes one step further: lesson 21.)

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
# You can now strike axes out of a shape, align two shapes at the right, and tell where a mean
# without `keepdims` fits *by accident*. A mean over several axes is a chain of means, since the
# groups are equally large. `assert` is for the author's beliefs, `ValueError` for the user's input.
#
# ## Exercises
#
# **1.** `X` has shape `(8, 5, 7, 7)`. Is `X - X.mean(axis=(2, 3))` an error? For which shapes
# `(N, C, H, W)` is it *not* an error, although it is wrong?
#
# <details><summary>Solution</summary>
#
# The mean has shape `(8, 5)` and is aligned with the last two axes, `(7, 7)`: an error. It is none
# where $N$ is 1 or $H$, and $C$ is 1 or $W$: `(7, 7, 7, 7)`, say, or `(1, 7, 5, 7)`. With $N = C = 1$
# it is even right.
# </details>
#
# **2.** *Group normalization* (组归一化) takes a mean over H, W and the channels of one *group*. Get
# it for the 6 channels of `Z` in 2 groups with one `reshape` and one `mean`.

# %%
Z = np.arange(4 * 6 * 5 * 5).reshape(4, 6, 5, 5)
group_mean = None  # shape (4, 2), for each example and group

check("group_mean", group_mean)

# %% [markdown]
# <details><summary>Solution</summary>
#
# `Z.reshape(4, 2, 3, 5, 5).mean(axis=(2, 3, 4))`. Splitting an axis is free: the channels of a group
# stand next to each other.
# </details>
#
# **3.** A mean of means is the mean. Is a variance (方差) of variances the variance? Compare
# `Z.var(axis=(0, 2, 3))` with the mean over axis 0 of `Z.var(axis=(2, 3))`.
#
# <details><summary>Solution</summary>
#
# The mean of the variances is smaller: it lacks the variance *of the means* of the images. The whole
# is the sum of the two, `Z.var(axis=(2, 3)).mean(axis=0) + Z.mean(axis=(2, 3)).var(axis=0)`.
# </details>
#
# ## Where to read on
#
# - **Lesson 2, Two momentums:** what happens to these means from batch to batch.
# - **Lesson 3, LeNet with batch normalization:** the layer that is made from them.
# - NumPy's manual, *Broadcasting*: the full rules.
# - Ioffe & Szegedy, *Batch Normalization*, 2015, arXiv 1502.03167, section 3.2: why a channel
#   shares one mean.
