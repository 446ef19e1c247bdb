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
# # 4 · Backward, by hand
#
# A network with batch normalization (批量归一化) hands each layer a gradient (梯度) that has gone
# back through the normalization. What does the layer take out of it on the way? This:
#
# > Plot the gradient that arrives, $dy$, over the normalized values $\hat x$, a dot for each
# > example. Draw the straight line of least squares (最小二乘) through the dots. **What goes on to the
# > inputs is what the line leaves over.**
#
# The first figure below shows it. Here you derive it, in nine small steps, check each with numbers,
# and put it into three lines of code. A well-known page of interview questions has the heading "the
# backward pass of batch normalization", and below it a single word: TODO. This lesson is what belongs
# there.
#
# **After this notebook you can**
#
# - draw the computational graph (计算图) of batch normalization, and walk it backwards, one array
#   at a time;
# - write its gradient in three lines, say what those lines *remove* from a gradient, and write the
#   same for layer and group normalization;
# - check any gradient with numbers, choose the step for it, and tell a good test from one that
#   lets mistakes through.
#
# **Time:** under a minute to run on two CPU cores, 15 minutes to read and 30 to derive.
#
# **Needs:** lesson 1, and the chain rule (链式法则). No data, no network connection.
#
# Cells with `None` wait for your answer: a number, or a line of code. Left empty, they do no harm.

# %%
from d2l_bn.threads import choose_threads

choose_threads()  # before MXNet is loaded

import numpy
from mxnet import autograd, np, npx

from d2l_bn import figures
from d2l_bn.descent import GradientDescent, descend
from d2l_bn.diagnostics.gradient_check import check_gradients, numeric_gradient
from d2l_bn.exercises.predictions import predictions
from d2l_bn.norms.batch import batch_norm
from d2l_bn.norms.batch_backward import backward_stages, batch_norm_backward, forward_stages
from d2l_bn.norms.group import group_norm

npx.set_np()
npx.random.seed(5)
check = predictions("backward_by_hand")

# %% [markdown]
# ## What the layer takes out of a gradient
#
# One channel (通道), twelve examples. At the left what arrives, at the right what goes on (times
# $\gamma/\sigma$).

# %%
x_hat = np.random.normal(size=(12, 1))
x_hat = (x_hat - x_hat.mean()) / x_hat.std()
dy = 0.8 + 0.6 * x_hat + 0.5 * np.random.normal(size=(12, 1))

removed = figures.draw_removed(x_hat, dy)
figures.show(
    removed,
    alt="Left, twelve gradients over the normalized value, and a rising straight line fitted to "
    "them. Right, the same dots minus the line: they lie around 0, without mean and without slope.",
)

# %% [markdown]
# ### Move it yourself
#
# **Predict first.** One example of eight wants its output changed: $dy = 2$. The other seven have
# $dy = 0$. Does a gradient reach the `"one"` input only, or `"others"` too? And how large is the
# largest $dx$ if all eight have the same $dy = 1$?

# %%
reached = None  # "one" or "others"
largest_dx = None

# %% [markdown]
# Press "one example's only", then "the same for all". Then drag the points: can you give just one
# input a gradient?

# %%
figures.interactive("residual_plot")

# %%
check("who_is_reached", reached)
check("largest_dx", largest_dx)

# %% [markdown]
# **What goes back is what a straight line through $(\hat x, dy)$ leaves over, times $\gamma/\sigma$: one
# example's wish moves all the others, and a wish that all share moves none.** Now let us see why.

# %% [markdown]
# ## The forward pass, one name for each array
#
# A batch of 6 examples with 3 features, in double precision (双精度), so that rounding stays out
# of the way. $\gamma$ and $\beta$ are random numbers, not 1 and 0: with 1 and 0, a formula that
# forgets them would look right.


# %%
def random(*shape):
    return np.random.normal(size=shape, dtype="float64")


m, eps = 6, 1e-5

X = 2.0 + 3.0 * random(m, 3)
gamma, beta = random(1, 3), random(1, 3)

# %% [markdown]
# Each line below makes one array from those before it.

# %%
mean = X.mean(axis=0, keepdims=True)  # μ   (1, 3)
centred = X - mean  # c   (6, 3)
squares = centred**2  # q   (6, 3)
var = squares.mean(axis=0, keepdims=True)  # σ²  (1, 3)
inverse = (var + eps) ** -0.5  # r   (1, 3)
X_hat = centred * inverse  # x̂   (6, 3)
Y = gamma * X_hat + beta  # y   (6, 3)

Y

# %% [markdown]
# It is what the package's `batch_norm` computes, in the mode in which a network is trained:

# %%
zero, one = np.zeros_like(gamma), np.ones_like(gamma)

with autograd.train_mode():
    from_package = batch_norm(X, gamma, beta, zero, one, eps)[0]

print(f"largest difference: {np.abs(Y - from_package).max().item():.0e}")

# %% [markdown]
# The same as a graph. Each box is an array, each arrow says "is used for". Blue boxes hold one
# number for each channel, white ones a number for each example, too.

# %% tags=["cover"]
figures.show(
    figures.draw_batch_norm_graph(),
    alt="The graph of the forward pass: x to the mean and the centred values, these to "
    "squares, variance and one over the deviation, both to x-hat, and with gamma and "
    "beta to y.",
)

# %% [markdown]
# Note the two boxes that *two* arrows leave: $x$ is used for $\mu$ and for $c$; $c$ is used for
# $q$ and for $\hat x$. They are the whole difficulty.
#
# ## What we are looking for
#
# Somewhere behind $y$ the network ends in a loss $L$, one number. Backpropagation (反向传播) hands
# us the *upstream gradient* (上游梯度) $\partial L / \partial y$, an array of the shape of $Y$.
# We are to find $\partial L/\partial\beta$, $\partial L/\partial\gamma$ and
# $\partial L/\partial x$.
#
# In code, `dV` is short for $\partial L/\partial V$, the gradient of the loss with respect to `V`.
# It always has the shape of `V`. We know nothing about the rest of the network, so random numbers
# stand in for it:

# %%
dY = random(m, 3)

# %% [markdown]
# ## Two rules
#
# 1. **Each arrow multiplies.** If $v$ is made from $u$, then a gradient that arrives at $v$ goes
#    on to $u$, times $\partial v/\partial u$.
# 2. **Where several arrows leave, gradients add.** If $u$ is used twice, it acts on the loss in
#    two ways, and the effects add up.
#
# The second rule has an important case. Suppose that one number is *copied* into many places, as
# broadcasting (广播) does. Then its gradient is a **sum** over these places. And the other way
# round: where forward takes a sum, backward makes copies.
#
# | forward | backward |
# |---|---|
# | copy (broadcast) | sum |
# | sum | copy |
# | mean of $m$ | copy of one $m$-th |

# %% [markdown]
# ## Checking each step
#
# To check a gradient at some box, we need the rest of the way from there to $Y$. Here it is, from
# each box of the graph:


# %%
def from_X_hat(X_hat):
    return gamma * X_hat + beta


def from_inverse(inverse):
    return from_X_hat(centred * inverse)


def from_var(var):
    return from_inverse((var + eps) ** -0.5)


def from_squares(squares):
    return from_var(squares.mean(axis=0, keepdims=True))


def from_centred(centred):  # two arrows leave: both uses are here
    var = (centred**2).mean(axis=0, keepdims=True)
    return from_X_hat(centred * (var + eps) ** -0.5)


def from_mean(mean):
    return from_centred(X - mean)


def from_X(X):  # two arrows leave
    return from_centred(X - X.mean(axis=0, keepdims=True))


# %% [markdown]
# Now move one entry a little to the right and a little to the left and watch the loss
# $L = \sum_j y_j\,\overline{y}_j$, where $\overline y$ is `dY`. These are central differences
# (中心差分):
#
# $$\frac{\partial L}{\partial v_i} \approx \frac{L(v + h e_i) - L(v - h e_i)}{2h}$$
#
# The package's `check_gradients` does so for each entry and compares with a gradient that we
# hand in. Here it judges a right one and a wrong one.


# %%
def square(v):
    return v * v


v, dv = random(4), random(4)

for gradient in (2 * v * dv, v * dv):
    print(check_gradients(square, {"v": v}, dv, analytic={"v": gradient}), "\n")

# %% [markdown]
# It says which entry is worst, and by which factor: here one half, as the 2 was forgotten. We need
# it often, so we give it a short name.


# %%
def compare(name, rest_of_the_way, at, gradient):
    report = check_gradients(rest_of_the_way, {name: at}, dY, analytic={name: gradient})
    print(report.errors[name])


# %% [markdown]
# ## Backward, step by step
#
# ### Shift and scale: β and γ
#
# $y = \gamma\hat x + \beta$. Forward, each of the three numbers in $\beta$ is copied to all 6
# examples. So what is its gradient? Write a line of code with `dY`, and see. The shape must be
# that of `beta`, `(1, 3)`.

# %%
dbeta = None  # your line

check("dbeta", dbeta, numeric_gradient(lambda beta: gamma * X_hat + beta, beta, dY))

# %% [markdown]
# $\gamma$ is copied, too, and each copy is multiplied by an $\hat x$. So, before the sum, each
# gradient is multiplied by that $\hat x$.

# %%
dgamma = None  # your line

check("dgamma", dgamma, numeric_gradient(lambda gamma: gamma * X_hat + beta, gamma, dY))

# %% [markdown]
# $$\frac{\partial L}{\partial\beta} = \sum_i \frac{\partial L}{\partial y_i},
# \qquad \frac{\partial L}{\partial\gamma} = \sum_i \frac{\partial L}{\partial y_i}\,\hat x_i$$

# %%
dbeta = dY.sum(axis=0, keepdims=True)  # (1, 3)
dgamma = (dY * X_hat).sum(axis=0, keepdims=True)  # (1, 3)

compare("beta", lambda beta: gamma * X_hat + beta, beta, dbeta)
compare("gamma", lambda gamma: gamma * X_hat + beta, gamma, dgamma)

# %% [markdown]
# These two are what the layer itself learns with. What is left is the way to $x$, for the layers
# before. Boxes whose gradient we know are filled; the arrow that we walk next is orange.

# %%
figures.show(
    figures.draw_batch_norm_graph(reached=["Y", "gamma", "beta"], now="X_hat"),
    alt="The graph: y, gamma and beta are filled, the arrow from y back to x-hat is lit.",
)

# %% [markdown]
# ### The normalized values: x̂
#
# $\hat x$ is multiplied by $\gamma$, so its gradient is
# $\dfrac{\partial L}{\partial \hat x_i} = \gamma\,\dfrac{\partial L}{\partial y_i}$.

# %%
dX_hat = gamma * dY  # (6, 3)

compare("X_hat", from_X_hat, X_hat, dX_hat)

# %% [markdown]
# ### One over the deviation: r
#
# $\hat x = c\,r$, and the one $r$ of a channel is copied to all examples: as with $\gamma$, it is
# a sum.
#
# $$\frac{\partial L}{\partial r} = \sum_i \frac{\partial L}{\partial \hat x_i}\,c_i$$
#
# ($c$ gets a gradient from here, too. But $c$ also has another arrow, so it must wait.)

# %%
figures.show(
    figures.draw_batch_norm_graph(reached=["Y", "gamma", "beta", "X_hat"], now="inverse"),
    alt="The graph: x-hat is filled, too, and the arrow from it back to one over the "
    "deviation is lit.",
)

# %%
dinverse = (dX_hat * centred).sum(axis=0, keepdims=True)  # (1, 3)

compare("inverse", from_inverse, inverse, dinverse)

# %% [markdown]
# ### The variance: σ²
#
# $r = (\sigma^2+\varepsilon)^{-1/2}$. Derive it on paper: what is $\partial r/\partial\sigma^2$,
# written with $r$?

# %%
dvar = None  # your line, from dinverse and inverse

check("dvar", dvar, numeric_gradient(from_var, var, dY))

# %% [markdown]
# $$\frac{\partial L}{\partial\sigma^2} = -\frac12\,(\sigma^2+\varepsilon)^{-3/2}\,
# \frac{\partial L}{\partial r} = -\frac12\,r^3\,\frac{\partial L}{\partial r}$$

# %%
dvar = -0.5 * inverse**3 * dinverse  # (1, 3)

compare("var", from_var, var, dvar)

# %% [markdown]
# ### The squares: q
#
# $\sigma^2$ is the mean of the $m$ squares. A mean forwards is a copy backwards, of one $m$-th.
#
# $$\frac{\partial L}{\partial q_i} = \frac1m\,\frac{\partial L}{\partial\sigma^2}$$

# %%
dsquares = np.ones_like(squares) * dvar / m  # (6, 3)

compare("squares", from_squares, squares, dsquares)

# %% [markdown]
# ### The centred values: c
#
# Here two gradients arrive and add: one from $\hat x = c\,r$, one from $q = c^2$.

# %%
before = ["Y", "gamma", "beta", "X_hat", "inverse", "var", "squares"]
figures.show(
    figures.draw_batch_norm_graph(reached=before, now="centred"),
    alt="The graph: two arrows are lit that end at the centred values, from x-hat and "
    "from the squares.",
)

# %% [markdown]
# Write the sum of the two.

# %%
dcentred = None  # your line, from dX_hat, inverse, centred and dsquares

check("dcentred", dcentred, numeric_gradient(from_centred, centred, dY))

# %% [markdown]
# $$\frac{\partial L}{\partial c_i} = r\,\frac{\partial L}{\partial\hat x_i}
# + 2\,c_i\,\frac{\partial L}{\partial q_i}$$

# %%
dcentred = dX_hat * inverse + 2 * centred * dsquares  # (6, 3)

compare("centred", from_centred, centred, dcentred)

# %% [markdown]
# ### The mean: μ
#
# $c = x - \mu$: the one $\mu$ of a channel is copied to all examples, with a minus.
#
# $$\frac{\partial L}{\partial\mu} = -\sum_i \frac{\partial L}{\partial c_i}$$

# %%
dmean = -dcentred.sum(axis=0, keepdims=True)  # (1, 3)

compare("mean", from_mean, mean, dmean)

# %% [markdown]
# ### The input: x
#
# Two arrows again: $c = x - \mu$, and $\mu$, which is a mean.
#
# $$\frac{\partial L}{\partial x_i} = \frac{\partial L}{\partial c_i}
# + \frac1m\,\frac{\partial L}{\partial\mu}$$

# %%
figures.show(
    figures.draw_batch_norm_graph(reached=[*before, "centred", "mean"], now="X"),
    alt="The graph: two arrows are lit that end at x, from the centred values and from the mean.",
)

# %%
dX = dcentred + dmean / m  # (6, 3)

compare("X", from_X, X, dX)

# %% [markdown]
# That is the whole backward pass. MXNet's automatic differentiation (自动微分), `autograd`, walks
# the same graph, and should find the same three gradients:

# %%
for variable in (X, gamma, beta):
    variable.attach_grad()

with autograd.record():
    out = batch_norm(X, gamma, beta, zero, one, eps)[0]
out.backward(dY)

for name, variable, by_hand in (("X", X, dX), ("gamma", gamma, dgamma), ("beta", beta, dbeta)):
    difference = np.abs(variable.grad - by_hand).max().item()
    print(f"d{name:5s} by hand and by autograd differ by {difference:.0e} at most")

# %% [markdown]
# ## The closed form
#
# Nobody computes it like this. Put the steps into each other and most of them cancel. Take
# $\dfrac{\partial L}{\partial c_i}$ and put in $q$, $\sigma^2$ and $r$, one after the other. With
# $c\,r = \hat x$, used twice,
#
# $$2c_i \frac{\partial L}{\partial q_i}
# = -\frac{c_i\, r^3}{m} \sum_j \frac{\partial L}{\partial \hat x_j} c_j
# = -\frac{r\,\hat x_i}{m} \sum_j \frac{\partial L}{\partial \hat x_j} \hat x_j .$$
#
# In the last step $dx = dc - \text{mean}(dc)$. The mean of the term above is 0, since the mean of
# $\hat x$ is. So
#
# $$\frac{\partial L}{\partial x_i} = r\left(\frac{\partial L}{\partial\hat x_i}
# - \frac1m\sum_j\frac{\partial L}{\partial\hat x_j}
# - \hat x_i\,\frac1m\sum_j\frac{\partial L}{\partial\hat x_j}\hat x_j\right).$$
#
# With $\partial L/\partial\hat x = \gamma\,\partial L/\partial y$, the two sums are
# $\gamma\,d\beta$ and $\gamma\,d\gamma$, which we have already:
#
# $$\boxed{\;d\beta = \sum_i dy_i, \qquad d\gamma = \sum_i dy_i\,\hat x_i, \qquad
# dx_i = \frac{\gamma}{m\sqrt{\sigma^2+\varepsilon}}
# \left(m\,dy_i - d\beta - \hat x_i\,d\gamma\right)\;}$$
#
# Write the third one as code.

# %%
closed_form = None  # your line, from gamma, inverse, m, dY, dbeta, X_hat and dgamma

check("closed_form", closed_form, dX)


# %%
def backward(X, gamma, dY, eps=eps):
    m = X.shape[0]
    mean, var = X.mean(axis=0, keepdims=True), X.var(axis=0, keepdims=True)
    inverse = (var + eps) ** -0.5
    X_hat = (X - mean) * inverse
    dbeta = dY.sum(axis=0, keepdims=True)
    dgamma = (dY * X_hat).sum(axis=0, keepdims=True)
    return gamma * inverse / m * (m * dY - dbeta - X_hat * dgamma), dgamma, dbeta


compare("X", from_X, X, backward(X, gamma, dY)[0])
difference = np.abs(backward(X, gamma, dY)[0] - dX).max().item()
print(f"the closed form and the steps differ by {difference:.0e} at most")

# %% [markdown]
# The package has both, for fully connected layers and for convolutions (卷积), where a channel's
# values are those of all examples and all places: $m = N \cdot H \cdot W$. `backward_stages` gives
# the gradients that we found, in the same order and by the same names; `batch_norm_backward` is the
# closed form.

# %%
images, upstream = random(4, 3, 5, 5), random(4, 3, 5, 5)
parameters = [array.reshape(1, 3, 1, 1) for array in (gamma, beta, zero, one)]
images.attach_grad()

with autograd.record():
    out = batch_norm(images, *parameters)[0]
out.backward(upstream)

with autograd.train_mode():
    stages = forward_stages(images, *parameters)
    by_stages = backward_stages(upstream, stages)
    closed = batch_norm_backward(upstream, images, parameters[0], *parameters[2:])[0]

print("in the order of the way back:", *by_stages)
for name, by_hand in (("stages", by_stages["X"]), ("closed form", closed)):
    difference = np.abs(by_hand - images.grad).max().item()
    print(f"{name:11s} and autograd differ by {difference:.0e} at most")

# %% [markdown]
# ## Your turn: layer and group normalization
#
# *Layer normalization* (层归一化) takes mean and variance over axis 1, one for each *example*; its
# $\gamma$ and $\beta$ still belong to the channels. Which sums of the closed form change their axis,
# and which do not? Careful: $\gamma$ is no longer the same in all terms of a mean. Write the three
# gradients; the cell compares them with central differences.


# %%
def layer_norm(X, gamma=gamma, beta=beta):
    centred = X - X.mean(axis=1, keepdims=True)
    return gamma * centred * ((centred**2).mean(axis=1, keepdims=True) + eps) ** -0.5 + beta


def layer_norm_backward(X, gamma, dY):
    """dX, dgamma, dbeta of layer normalization."""
    return None, None, None  # your lines


dX_layer, dgamma_layer, dbeta_layer = layer_norm_backward(X, gamma, dY)

check("dX_layer", dX_layer, numeric_gradient(layer_norm, X, dY))
check("dgamma_layer", dgamma_layer, numeric_gradient(lambda g: layer_norm(X, g), gamma, dY))

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def layer_norm_backward(X, gamma, dY):
#     mean, var = X.mean(axis=1, keepdims=True), X.var(axis=1, keepdims=True)
#     inverse = (var + eps) ** -0.5                    # (6, 1), one for each example
#     X_hat = (X - mean) * inverse
#     dX_hat = gamma * dY                              # before the means: γ differs within them
#     along = (dX_hat * X_hat).mean(axis=1, keepdims=True)
#     dX = inverse * (dX_hat - dX_hat.mean(axis=1, keepdims=True) - X_hat * along)
#     # γ and β are copied to the examples, as before: their sums keep axis 0
#     return dX, (dY * X_hat).sum(axis=0, keepdims=True), dY.sum(axis=0, keepdims=True)
# ```
# </details>
#
# *Group normalization* (组归一化) is layer normalization on groups of channels: a `reshape` before,
# and one after. (The assignment `backward` asks for it, too.) Images with 4 channels in 2 groups:


# %%
def group_norm_backward(X, gamma, dY, num_groups):
    """dX of group normalization, for X (N, C, H, W) and gamma (1, C, 1, 1)."""
    return None  # your lines


X_images, dY_images, gamma_images = random(3, 4, 5, 5), random(3, 4, 5, 5), random(1, 4, 1, 1)
X_images.attach_grad()
with autograd.record():
    out = group_norm(X_images, gamma_images, np.zeros_like(gamma_images), num_groups=2)
out.backward(dY_images)

# %%
check("dX_group", group_norm_backward(X_images, gamma_images, dY_images, 2), X_images.grad)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Reshape `X` and `gamma * dY` to `(N, groups, -1)`; then the lines of `layer_norm_backward` do, with
# their means over the last axis; reshape the result back.
#
# With one group it is layer normalization, with as many as channels it is instance normalization
# (实例归一化). One formula serves the family; only the axes of the means change.
# </details>

# %% [markdown]
# ## What the gradient loses on its way
#
# Read the bracket of the closed form once more, for one channel, divided by $m$:
#
# $$dy_i \;-\; \text{mean}(dy) \;-\; \hat x_i\,\text{mean}(dy\,\hat x)$$
#
# Whoever has fitted a straight line (直线拟合) to points has seen this. Plot $dy_i$ over $\hat x_i$.
# The line of least squares has the height mean$(dy)$ in the middle and the slope
# mean$(dy\,\hat x)$. The bracket is what the line leaves over: the **residual** (残差). That is the
# first figure.

# %% [markdown]
# Why just these two parts? Suppose that the gradient would like to raise *all* inputs of the
# channel. That is in vain: the mean goes up with them and is subtracted. Or it would like to
# *stretch* them all. In vain as well: the deviation grows with them and is divided out. Whatever
# the layer makes no difference to, it takes out of the gradient.
#
# In the language of vectors: $dx$ is orthogonal (正交) to $(1, \dots, 1)$ and to $\hat x$. So what
# do you expect for these two sums, in each channel?

# %%
sum_dx = None  # a number, for each channel the same
sum_dx_x_hat = None

check("sum_dx", sum_dx)
check("sum_dx_x_hat", sum_dx_x_hat)

# %%
print("sum of dX:        ", dX.sum(axis=0))
print("sum of dX * X_hat:", (dX * X_hat).sum(axis=0))

# %% [markdown]
# The first is 0 up to rounding. The second is small, but not rounding: it is the work of
# $\varepsilon$. With it, stretching the input is not *quite* in vain. The exact value is
#
# $$\sum_i dx_i\,\hat x_i = \gamma\,r\,d\gamma\,\frac{\varepsilon}{\sigma^2+\varepsilon} ,$$
#
# as the mean of $\hat x^2$ is $\sigma^2/(\sigma^2+\varepsilon)$ and not 1. With a larger
# $\varepsilon$ it shows:

# %%
print("eps       sum of dx * x_hat (channel 0)   formula")
for e in (1e-1, 1e-3, 1e-5):
    r = (var + e) ** -0.5
    dX_e, dgamma_e, _ = backward(X, gamma, dY, eps=e)
    measured = (dX_e * centred * r).sum(axis=0)[0].item()
    formula = (gamma * r * dgamma_e * e / (var + e))[0, 0].item()
    print(f"{e:<8g}  {measured:+.6e}                   {formula:+.6e}")

# %% [markdown]
# ### A batch of two
#
# A line through *two* points leaves nothing over. So what goes back through batch normalization
# when the batch has two examples?

# %%
two = np.array([[1.0, 10.0, -2.0], [3.0, 40.0, 5.0]], dtype="float64")
prediction = None  # the largest entry of dX, up to ε

check("dX_of_two", prediction)

# %%
backward(two, gamma, random(2, 3))[0]

# %% [markdown]
# Nothing, up to $\varepsilon$. A fully connected layer before such a batch normalization learns
# nothing, whatever the loss. A convolution has $m = N \cdot H \cdot W$ values in each channel, so
# that even *one* image sends a gradient back:

# %%
with autograd.train_mode():
    dX_image = batch_norm_backward(upstream[:1], images[:1], parameters[0], *parameters[2:])[0]

dX_image[0, 0]

# %% [markdown]
# ### Weights in front of the layer
#
# Let $z = Xw$ be a linear neuron (神经元) with batch normalization behind it. Stretching $w$
# stretches $z$, and that is undone. So the loss depends on the *direction* of $w$ only, and its
# gradient is orthogonal to $w$. The picture shows the loss of a neuron with two weights: contours
# (等高线) are rays from the origin. Three runs of gradient descent (梯度下降), with three learning
# rates (学习率), cross them at right angles.


# %%
class OneNeuron:
    """Mean squared error of a normalized linear neuron, as a surface over its two weights."""

    x_range, y_range, minima = (-1.0, 3.4), (-0.3, 2.6), ()  # no point: any length will do

    def __init__(self):
        noise = numpy.random.RandomState(1).randn(40, 2)
        self.inputs = noise @ [[1.0, 0.3], [0.0, 0.8]]  # (40, 2)
        self.targets = self.normalize(self.inputs @ [1.0, 0.35])[0]

    def normalize(self, z):
        centred = z - z.mean(axis=-1, keepdims=True)
        inverse = (numpy.mean(centred**2, axis=-1, keepdims=True) + 1e-5) ** -0.5
        return centred * inverse, inverse

    def value(self, w):
        x_hat, _ = self.normalize(w @ self.inputs.T)
        return 0.5 * numpy.mean((x_hat - self.targets) ** 2, axis=-1)

    def gradient(self, w):
        x_hat, inverse = self.normalize(w @ self.inputs.T)
        dy = (x_hat - self.targets) / len(self.targets)
        dz = inverse * (dy - dy.mean() - x_hat * numpy.mean(dy * x_hat))  # the closed form
        return dz @ self.inputs


neuron, start = OneNeuron(), numpy.array([-0.4, 0.6])
runs = {f"learning rate {a}": descend(neuron, GradientDescent(a), start, 30) for a in (0.1, 1, 2)}

ax = figures.draw_paths(neuron, runs)
ax.set(aspect="equal", xlabel="$w_1$", ylabel="$w_2$")
figures.show(
    ax,
    alt="Contours of a loss over two weights are rays from the origin. Three paths of gradient "
    "descent from one start cross them at right angles, outwards; the larger the rate, the further.",
)

# %%
print(f"gradient · w at the start: {neuron.gradient(start) @ start:.5f}")
for a in (1, 2, 10):
    length = numpy.linalg.norm(neuron.gradient(a * start))
    print(f"length of the gradient at {a:2d} w: {length:.3f}")

for name, run in runs.items():
    lengths = numpy.linalg.norm(run.points, axis=1)
    print(f"{name}: |w| {lengths[0]:.2f} → {lengths[-1]:.2f}, loss {run.values[-1]:.5f}")

# %% [markdown]
# A step at right angles makes $w$ longer, never shorter. And a longer $w$ has a smaller gradient:
# ten times as long, a tenth. So a learning rate that is too large spoils one step; that step
# makes $w$ so long that the next ones fit. This is one reason why a network with batch
# normalization puts up with large learning rates.

# %% [markdown]
# ## The gradient in prediction mode
#
# In prediction mode (预测模式) the mean and the variance are constants, the moving averages
# (移动平均). Which boxes are left in the graph? Write the gradient for $x$.

# %%
moving_mean, moving_var = random(1, 3), np.exp(random(1, 3))


def predict(X):
    return gamma * (X - moving_mean) * (moving_var + 1e-5) ** -0.5 + beta


dX_predict = None  # your line

check("dX_predict", dX_predict, numeric_gradient(predict, X, dY))

# %% [markdown]
# $$\frac{\partial L}{\partial x_i} = \frac{\gamma}{\sqrt{\text{moving\_var}+\varepsilon}}\,
# \frac{\partial L}{\partial y_i}$$
#
# The package's `batch_norm` in prediction mode:

# %%
dX_predict = gamma * dY * (moving_var + 1e-5) ** -0.5


def predict_with_package(X):
    return batch_norm(X, gamma, beta, moving_mean, moving_var)[0]


right = {"X": dX_predict}
report = check_gradients(predict_with_package, {"X": X}, dY, analytic=right, train_mode=False)
print(report.errors["X"])

# %% [markdown]
# The Jacobian (雅可比矩阵) says how much each output moves with each input, here for one channel of
# a batch of 8 with $\gamma = 1$. In prediction, each example stands for itself. In training, all
# depend on all, and each column adds up to 0: what one output gains, the others lose in sum.


# %%
def jacobian(f, x):
    m = x.shape[0]
    rows = [numeric_gradient(f, x, row.reshape(m, 1)) for row in np.eye(m, dtype="float64")]
    return np.stack(rows).reshape(m, m)


def train(x):
    with autograd.train_mode():
        return batch_norm(x, one[:, :1], zero[:, :1], zero[:, :1], one[:, :1])[0]


def predict(x):
    return batch_norm(x, one[:, :1], zero[:, :1], zero[:, :1], one[:, :1])[0]


x = random(8, 1)
x = (x - x.mean()) / x.std()
jacobians = {"training": jacobian(train, x), "prediction": jacobian(predict, x)}

matrices = figures.draw_matrices(jacobians, rows="output of example", columns="input of example")
figures.show(
    matrices,
    alt="Two 8 × 8 matrices. In training nearly every entry differs from 0, the diagonal is positive "
    "and most others negative; in prediction only the diagonal is there, all ones.",
)

# %% [markdown]
# The left matrix is, up to $\varepsilon$,
#
# $$J = \gamma\, r\left(I - \tfrac1m \mathbf 1\mathbf 1^\top - \tfrac1m \hat x\hat x^\top\right).$$
#
# But for the factor $\gamma r$ it is a *projection* (投影): it maps the two directions $\mathbf 1$ and
# $\hat x$ to 0, and leaves all
# that is orthogonal to them as it is. Its eigenvalues (特征值) say so. On the diagonal stands
# $1 - \frac1m - \frac1m\hat x_i^2$: the further out an example lies, the less it can move on its
# own.

# %%
for name, J in jacobians.items():
    print(f"{name:10s}", numpy.linalg.eigvalsh(J.asnumpy()).round(4) + 0)

# %% [markdown]
# ## Which step for the check?
#
# Central differences have two errors. The *truncation error* (截断误差) comes from the curve
# between $x-h$ and $x+h$, and falls with $h^2$. The *rounding error* (舍入误差) comes from
# subtracting two numbers that are nearly the same, and grows with $1/h$. Somewhere in between is
# the best step. Predict: for double precision, with numbers of size 1 and 16 digits, is it nearer
# to $10^{-2}$, $10^{-5}$ or $10^{-8}$?

# %%
best = None  # 1e-2, 1e-5 or 1e-8

check("best_step", best)

# %% [markdown]
# The figure shows the error for all steps, with central differences in double and in single
# precision (单精度), and for comparison with the one-sided $\frac{L(x + h) - L(x)}{h}$.


# %%
def quotients(h, dtype, central=True):
    """The gradient of the loss for the examples of channel 1, from differences in `dtype`."""
    found = []
    for i in range(m):
        change = numpy.zeros((m, 3))
        change[i, 1] = h
        losses = []
        for sign in (1, -1 if central else 0):
            shifted = (X + sign * np.array(change, dtype="float64")).astype(dtype)
            parameters = [array.astype(dtype) for array in (gamma, beta, zero, one)]
            with autograd.train_mode():
                Y_shifted = batch_norm(shifted, *parameters)[0]
            losses.append((Y_shifted * dY.astype(dtype)).sum().item())
        found.append((losses[0] - losses[1]) / (2 * h if central else h))
    return numpy.array(found)


def relative_error(gradient):
    exact = dX.asnumpy()[:, 1]
    return abs(gradient - exact).max() / abs(exact).max()


steps = numpy.logspace(-12, 0, 37)
errors = {
    "central, float64": [relative_error(quotients(h, "float64")) for h in steps],
    "central, float32": [relative_error(quotients(h, "float32")) for h in steps],
    "one-sided, float64": [relative_error(quotients(h, "float64", False)) for h in steps],
}

for name, line in errors.items():
    i = int(numpy.argmin(line))
    print(f"{name:18s} best step {steps[i]:.0e}, error {line[i]:.0e}")

ax = figures.draw_lines(
    errors, x=steps, xlabel="step h", ylabel="relative error of the gradient", log=True
)
ax.set_xscale("log")
ax.set_ylim(top=10)
ax.axvline(1e-5, color="#666666", linewidth=1)
figures.show(
    ax,
    alt="The error of a numeric gradient over its step, both logarithmic: three valleys. Central "
    "differences in double precision are best near 1e-5, with an error below 1e-9; in single "
    "precision and one-sided the valleys lie higher.",
)

# %% [markdown]
# On the right of each valley, the central differences rise with slope 2 (ten times the step, a
# hundred times the error), the one-sided ones with slope 1. On the left all rise with $1/h$, and
# jagged, since rounding is a matter of luck.
#
# If $\delta$ is the relative rounding of the numbers, the two errors are about $h^2$ and
# $\delta/h$. They are equal at $h = \delta^{1/3}$:

# %%
for dtype in ("float64", "float32"):
    rounding = numpy.finfo(dtype).eps
    print(f"{dtype}: rounding {rounding:.0e}, step {rounding ** (1 / 3):.0e}")

# %% [markdown]
# Hence $10^{-5}$ (the grey line), and hence double precision. In single precision that
# same step is wrong by some twenty percent, so that a check cannot tell a mistake from noise. The
# package's `check_gradients` refuses it:

# %%
try:
    check_gradients(square, {"v": v.astype("float32")})
except TypeError as error:
    print("TypeError:", error)

# %% [markdown]
# ## A test that sees nothing
#
# To test a backward pass, one needs *some* loss. The first that comes to mind is the sum of the
# outputs: `Y.sum().backward()`. Then the upstream gradient is 1 everywhere. What is the gradient
# for $x$?

# %%
prediction = None  # one number for all entries

check("dX_for_the_sum", prediction)

# %%
ones = np.ones_like(dY)
dX_ones, dgamma_ones, _ = backward(X, gamma, ones)
print(f"largest entry of dX:     {np.abs(dX_ones).max().item():.0e}")
print(f"largest entry of dgamma: {np.abs(dgamma_ones).max().item():.0e}")

# %% [markdown]
# Zero, and $d\gamma$ with it: the normalized values have mean 0, so the sum of the outputs is
# $m\beta$, *whatever the input is*. Zero is a gradient with which many mistakes agree. Here are six
# wrong backward passes. The table has the largest difference of each from the numeric gradient,
# for three losses. A test in single precision may allow a difference of, say, $10^{-4}$; what is
# below it, *passes*.


# %%
def mistakes(dY):
    right = backward(X, gamma, dY)[0]
    return {
        "none: this one is right": right,
        "returns zeros": 0 * right,
        "has the wrong sign": -right,
        "forgets γ": right / gamma,
        "divides by σ² + ε, without the root": right * inverse,
        "forgets the term with dγ": gamma * inverse * (dY - dY.mean(axis=0, keepdims=True)),
        "takes μ and σ for constants": gamma * inverse * dY,
    }


losses = {"sum(Y)": ones, "sum(Y**2)": 2 * Y, "random": dY}
numeric = {loss: numeric_gradient(from_X, X, upstream) for loss, upstream in losses.items()}

print(f"{'mistake':38s}", "".join(f"{loss:17s}" for loss in losses))
for mistake in mistakes(dY):
    line = ""
    for loss, upstream in losses.items():
        difference = np.abs(mistakes(upstream)[mistake] - numeric[loss]).max().item()
        line += f"{difference:.0e}  {'passes' if difference < 1e-4 else 'CAUGHT':10s}"
    print(f"{mistake:38s}", line)

# %% [markdown]
# The sum of the outputs passes five of the six, even a backward pass that returns zeros. The sum
# of *squares*, which looks like a serious loss, is little better: its upstream gradient
# $2y = 2\gamma\hat x + 2\beta$ is a straight line over $\hat x$ again, and all of it is removed, up
# to $\varepsilon$. Random numbers catch every one.
#
# So a good test of a backward pass takes a random upstream gradient, random $\gamma$ and $\beta$,
# double precision and central differences with $h = 10^{-5}$. It compares *values*, not only
# shapes. And one should see it fail once, on a mistake made on purpose, as in this table.

# %% [markdown]
# ## Summary
#
# | array | forward | its gradient |
# |---|---|---|
# | $\beta$ | $y = \gamma\hat x + \beta$ | $\sum_i dy_i$ |
# | $\gamma$ | | $\sum_i dy_i\,\hat x_i$ |
# | $\hat x$ | | $\gamma\,dy$ |
# | $r$ | $\hat x = c\,r$ | $\sum_i d\hat x_i\,c_i$ |
# | $\sigma^2$ | $r = (\sigma^2+\varepsilon)^{-1/2}$ | $-\frac12 r^3\,dr$ |
# | $q$ | $\sigma^2 = \frac1m\sum_i q_i$ | $\frac1m\,d\sigma^2$ |
# | $c$ | $q = c^2$, $\hat x = c\,r$ | $r\,d\hat x + 2c\,dq$ |
# | $\mu$ | $c = x - \mu$ | $-\sum_i dc_i$ |
# | $x$ | $\mu = \frac1m\sum_i x_i$, $c = x - \mu$ | $dc + \frac1m\,d\mu$ |
#
# - In closed form $dx = \frac{\gamma}{m\sqrt{\sigma^2+\varepsilon}}(m\,dy - d\beta -
#   \hat x\,d\gamma)$ with $m = N$ or $N \cdot H \cdot W$; in prediction mode
#   $\gamma\,dy/\sqrt{\text{moving\_var}+\varepsilon}$.
# - It is $dy$ without its mean and without its slope over $\hat x$, up to a factor: whatever the
#   layer undoes forwards, it removes backwards.
# - Check gradients in float64, with $h = 10^{-5}$ and a random upstream gradient. The sum of the
#   outputs tests next to nothing.
#
# You can now derive the gradient of any normalization: draw its graph, walk it back, and check it.
#
# ## Exercises
#
# **1.** Someone computes the variance with $1/(m-1)$ in place of $1/m$. Which stage changes? What
# becomes of the closed form? Write `dX`.


# %%
def unbiased(X):
    centred = X - X.mean(axis=0, keepdims=True)
    var = (centred**2).sum(axis=0, keepdims=True) / (m - 1)
    return gamma * centred * (var + eps) ** -0.5 + beta


dX_unbiased = None  # your lines

check("dX_unbiased", dX_unbiased, numeric_gradient(unbiased, X, dY))

# %% [markdown]
# <details><summary>Solution</summary>
#
# Only the stage of the squares: $dq_i = \frac{1}{m-1}\,d\sigma^2$. With
# $\hat x = c\,(\sigma^2_{m-1}+\varepsilon)^{-1/2}$,
#
# $$dx_i = \gamma r \left(dy_i - \frac1m \sum_j dy_j - \hat x_i\,\frac{1}{m-1}\sum_j dy_j \hat x_j
# \right):$$
#
# the mean is still a mean over $m$, the slope has $m - 1$ below it.
# </details>
#
# **2.** Put $\varepsilon$ outside the root: $\hat x = c/(\sqrt{\sigma^2}+\varepsilon)$. What is the
# gradient for $\sigma^2$, and what happens in a channel whose values are all equal? What happens there
# with $\varepsilon$ inside?
#
# <details><summary>Solution</summary>
#
# $r = (\sigma+\varepsilon)^{-1}$ with $\sigma = \sqrt{\sigma^2}$, so
# $\frac{\partial L}{\partial\sigma^2} = -\frac{r^2}{2\sigma}\,dr$. Where all values are equal, $\sigma =
# 0$: infinity, times $c = 0$ in the next step, is NaN. With $\varepsilon$ inside the root, $r =
# \varepsilon^{-1/2}$ and everything stays finite: $dx = \gamma\varepsilon^{-1/2}(dy -
# \text{mean}(dy))$, the gradient magnified 316 times.
# </details>

# %% [markdown]
# ## Where to read on
#
# - `d2l_bn/norms/batch_backward.py` and `d2l_bn/diagnostics/gradient_check.py`: what this notebook did, as
#   functions, and their tests.
# - Ioffe & Szegedy, *Batch Normalization*, 2015, arXiv 1502.03167, section 3: the gradient, step by
#   step, and section 3.3 on the scale of the weights.
# - Andrej Karpathy, *Building makemore, Part 4: Becoming a Backprop Ninja*: the same walk, for a
#   whole network.
# - Santurkar et al., *How Does Batch Normalization Help Optimization?*, 2018, arXiv 1805.11604: what
#   the removed parts have to do with the smoothness of the loss.
# - **Lesson 5, Forward, piece by piece:** what these arrays look like in a network.
