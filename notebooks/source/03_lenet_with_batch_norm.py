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
# # 3 · LeNet with batch normalization
#
# Here is the LeNet of the chapter, without batch normalization, on all 60,000 training images of
# Fashion-MNIST. There are ten classes, so guessing is right in 10 % of the cases. How many percent of the
# images does it classify correctly in its first epoch (迭代周期): nearest to 10, 50 or 80?

# %%
from d2l_bn.threads import choose_threads

choose_threads()  # before MXNet is loaded

import itertools
import os
import tempfile
import time
from pathlib import Path

from d2l import mxnet as d2l
from mxnet import autograd, gluon, init, np, npx
from mxnet.gluon import nn

import d2l_bn
from d2l_bn import figures
from d2l_bn.data.fashion_mnist import find_local
from d2l_bn.exercises.predictions import predictions
from d2l_bn.experiments import load
from d2l_bn.experiments.statistics import estimate
from d2l_bn.figures.markdown_table import table
from d2l_bn.figures.style import BLUE, ORANGE
from d2l_bn.networks.batch_norm_layers import kept_averages

npx.set_np()
d2l.plt.rcParams["image.cmap"] = "gray"  # as the data are: a white garment on black
check = predictions("lenet_with_batch_norm")
FAST = os.environ.get("D2L_BN_FAST") == "1"  # few examples and epochs: to see that it runs

# %%
prediction = None  # 10, 50 or 80

check("first_epoch", prediction)

# %%
data = "auto"
if FAST and find_local() is None:
    data = "synthetic"  # drawn garments, NOT Fashion-MNIST: only to see that the notebook runs

batch_size = 256
train_iter, test_iter = d2l_bn.load_fashion_mnist(
    batch_size, data=data, limit=2_000 if FAST else None
)
print(train_iter)

plain = d2l_bn.lenet(norm=None)
plain.hybridize()
history = d2l_bn.train(plain, train_iter, test_iter, epochs=1, lr=0.9, seed=0)  # some 5 seconds
print(history.last)

# %% [markdown]
# It guesses, a whole epoch long: 235 batches of 256 images, and nothing learned. The same network with
# four small layers more, drawn from runs that were recorded for this course (ten seeds with them, three without;
# `d2l-bn run population` and `d2l-bn run chapter` make them anew):

# %% tags=["cover"]
EPOCHS = [1, 2, 3, 4, 5]
with_norm = load.select("population", lr=1.0, weigh_alike="examples")
without = load.select("chapter", norm=None)
ax = figures.new_axes(height=3.6)
for records, colour, line in ((with_norm, BLUE, "-"), (without, ORANGE, "--")):
    accuracies = load.stacked(records, "train_accuracy_by_epoch")  # (seeds, epochs)
    ax.plot(EPOCHS, accuracies.T, line, color=colour, linewidth=1.5)
ax.annotate("with batch normalization", (3, 0.9), color=BLUE, ha="center")
ax.annotate("without", (3.1, 0.58), color=ORANGE, ha="left")
ax.axhline(0.1, color="grey", linewidth=1)
ax.annotate("guessing", (5, 0.1), (0, 4), textcoords="offset points", ha="right", color="grey")
ax.set(xlabel="epoch", ylabel="training accuracy", ylim=(0, 1), xticks=EPOCHS)
figures.show(
    ax,
    alt="Training accuracy over five epochs, a line a seed. With batch normalization it starts near "
    "0.76 and climbs to 0.89; without, it stays at guessing in the first epoch and reaches 0.75.",
)

# %% [markdown]
# In this lesson you write these layers, put them into the network, and train it with a loop of your own.
# Then you find out why its *test* accuracy goes up and down like a fever chart.
#
# **After this notebook you can**
#
# - compute what batch normalization (批量归一化, BN for short) does to a batch, by hand and in code, and say
#   where in a network it stands;
# - say what differs between training and prediction, and what a layer has to remember for it;
# - train the chapter's network with your own layer, and compare it with the published numbers.
#
# **Time:** about 2 minutes to run on two CPU cores, 16 minutes to read, and twice that to predict and write.
#
# **Needs:** notebooks 1 and 2, and Fashion-MNIST (30 MB, found or fetched by itself). Cells with `None` wait
# for your prediction.
#
# # Part one: the layer
#
# ## Where it stands
#
# A fully connected layer (全连接层) computes an affine map (仿射变换) $x = Wu + b$ of its input $u$, and then
# an activation (激活函数) $\varphi(x)$. Batch normalization goes **between the two**:
#
# $$\varphi(\mathrm{BN}(Wu + b))$$
#
# Take a batch (批量) of four examples with two inputs each, and weights that keep the numbers simple.

# %%
u = np.array([[1.0, 4.0], [4.0, 6.0], [5.0, 6.0], [8.0, 4.0]])  # (4, 2): 4 examples, 2 inputs
W = np.array([[2.0, 0.0], [0.0, 0.1]])
b = np.array([1.0, 0.0])

x = np.dot(u, W) + b  # (4, 2): 4 examples, 2 features
x

# %% [markdown]
# The first feature (特征), the left column, has values around 10. The second has values around 0.5: to
# whatever comes next, the second is swamped by the first.
#
# ## Steps 1 and 2: mean and variance
#
# Each feature has its own mean (均值) $\mu$ over the examples of the batch, and its own variance (方差)
# $\sigma^2 = \frac1m \sum_i (x^{(i)} - \mu)^2$ with $m = 4$. What is the variance of the first feature,
# 3, 9, 11, 17?

# %%
prediction = None  # a number

check("variance", prediction)

# %%
mu = x.mean(axis=0, keepdims=True)  # (1, 2)
var = ((x - mu) ** 2).mean(axis=0, keepdims=True)  # (1, 2)
print("mean", mu, "variance", var)

# %% [markdown]
# ## Step 3: standardize
#
# Divide by the standard deviation (标准差):
#
# $$\hat x = \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}}$$
#
# What becomes of the first feature of the first example, $x = 3$?

# %%
prediction = None  # a number

check("standardized", prediction)

# %%
eps = 1e-5
x_hat = (x - mu) / np.sqrt(var + eps)
print(x_hat.round(4))
print("mean of each feature:     ", x_hat.mean(axis=0).round(4))
print("deviation of each feature:", x_hat.std(axis=0).round(4))

# %% [markdown]
# Every feature now has mean 0 and standard deviation 1, or nearly: $\varepsilon$ takes the second one to
# 0.9995. Its purpose is a feature that has the same value in all examples. There $x - \mu$ is 0, and
# $0/\sqrt{0}$ would be NaN; with $\varepsilon$ it is 0.
#
# ## Step 4: scale and shift
#
# Mean 0 and deviation 1 need not be what the next layer wants. So each feature gets two parameters (参数)
# that are *learned*, as the weights are: a scale (拉伸) $\gamma$ and a shift (偏移) $\beta$.
#
# $$y = \gamma\,\hat x + \beta$$
#
# Let $\gamma = 2$ and $\beta = 1$ for the first feature. What are the mean and the standard deviation of
# its $y$?

# %%
mean_of_y = None
deviation_of_y = None

check("mean_of_y", mean_of_y)
check("deviation_of_y", deviation_of_y)

# %%
gamma = np.array([[2.0, 0.5]])
beta = np.array([[1.0, -1.0]])
y = gamma * x_hat + beta

axes = figures.draw_stages({"x": x, "x − μ": x - mu, "x̂": x_hat, "y = γ x̂ + β": y})
figures.show(
    axes,
    alt="Four panels: the four examples of both features before normalization, centred, standardized, "
    "and scaled and shifted. In the third both features have mean 0 and deviation 1.",
)

# %% [markdown]
# A mark is an example; the line is the mean of the feature, the band one standard deviation to both sides.
# Whatever $x$ was, after batch normalization a feature has mean $\beta$ and deviation $\gamma$.
#
# ## γ and β can undo it all
#
# Does the layer take away from the network what it could express before? With
# $\gamma = \sqrt{\sigma^2 + \varepsilon}$ and $\beta = \mu$ the output is $x$ again, the identity (恒等映射),
# **for this batch**. But $\gamma$ and $\beta$ are fixed numbers, while $\mu$ and $\sigma$ come from each batch
# anew. Take a batch whose values are three times as large, with the same $\gamma$ and $\beta$. Do we get *that*
# batch back?

# %%
prediction = None  # True or False

check("other_batch_comes_back", prediction)


# %%
def standardize(batch):
    return (batch - batch.mean(axis=0)) / np.sqrt(batch.var(axis=0) + eps)


print("x comes back:\n", (np.sqrt(var + eps) * standardize(x) + mu).round(3))
print("and of 3x:\n", (np.sqrt(var + eps) * standardize(3 * x) + mu).round(3))

# %% [markdown]
# > **A correction.** The chapter's text says that the operation 不仅进行了归一化操作还恢复了x的特征分布, "not only
# > normalizes, but also restores the distribution of x". $\gamma$ and $\beta$ *can* restore it. They start
# > at 1 and 0, where they do not, and training moves them wherever the loss gets smaller.
#
# ## Convolution: one feature is one channel
#
# The output of a convolution (卷积) has the shape `(N, C, H, W)`. A channel (通道) is made by one filter, which
# looks for the same thing at each place of each image. So a channel counts as *one* feature: one mean, one
# variance, one $\gamma$ and one $\beta$, over all examples and all places. Cells of one colour are
# normalized together:

# %%
ax = figures.draw_mean(np.arange(16.0).reshape(2, 2, 2, 2), axis=(0, 2, 3), name="X")
figures.show(
    ax,
    alt="An array of two images with two channels of 2 by 2; the cells of a channel have one colour in "
    "both images, and collapse to one mean for each channel.",
)

# %% [markdown]
# LeNet's first convolution makes 6 channels of 24×24 from each image. With a batch of 256: over how many
# values goes one mean? And how many numbers has $\gamma$?

# %%
values_in_a_mean = None
numbers_in_gamma = None

check("values_in_a_mean", values_in_a_mean)
check("numbers_in_gamma", numbers_in_gamma)

# %% [markdown]
# > **A correction.** A comment in the chapter's code calls this mean 某通道单个图片的均值, "the mean of a channel of
# > a single image". It goes over **all images of the batch**. Over each image alone it would be *instance*
# > normalization (实例归一化): a dark image and a bright one would come out alike.
#
# On real images: a convolution with random weights, as at the start of training, gives channels with
# different means and deviations. Batch normalization gives all of them the same.

# %%
X, labels = next(iter(train_iter))
titles = [d2l_bn.CLASS_NAMES[label] for label in labels[:8].tolist()]
axes = d2l.show_images(X[:8].reshape(8, 28, 28), 1, 8, titles=titles, scale=1.4)
figures.show(axes, alt="Eight training images: white garments on black, with their class names.")

# %%
npx.random.seed(1)
conv = nn.Conv2D(6, kernel_size=5)
conv.initialize(init.Xavier())

maps = conv(X)  # (256, 6, 24, 24)
mean = maps.mean(axis=(0, 2, 3), keepdims=True)
variance = maps.var(axis=(0, 2, 3), keepdims=True)
normalized = (maps - mean) / np.sqrt(variance + eps)

axes = figures.draw_spreads(
    {"after the convolution": maps, "after batch normalization": normalized}
)
figures.show(
    axes,
    alt="Mean, deviation and range of the six channels. After the convolution they differ; after batch "
    "normalization means and deviations are the same, and the ranges still differ.",
)

# %% [markdown]
# The thin lines, which hold 98 % of the values, still differ. Mean and deviation are made equal; the *shape*
# of a distribution stays what it was.
#
# ## Training and prediction
#
# In training (训练), mean and variance are those of the batch. So the result for one example depends on the
# others that happen to be in its batch, and alone in a batch an example would be its own mean: 0.
#
# In prediction (预测) one answer is wanted for one example, whoever else asks. So the layer remembers, while it
# is trained, moving averages (移动平均) of the means and variances that it sees, and uses *those*:
#
# | | normalizes with | and |
# |---|---|---|
# | training | mean and variance of **the batch** | moves the averages a little towards them |
# | prediction | the **moving averages** | leaves them as they are |
#
# The averages start at 0 (mean) and 1 (variance), and move by
# $0.9 \cdot \text{old} + 0.1 \cdot \text{batch}$, as in notebook 2. After *one* batch `x` in training
# mode, what is the moving mean of the first feature, whose mean is 10?

# %%
prediction = None  # a number

check("moving_mean", prediction)

# %% [markdown]
# > **A correction.** The chapter's text has it the wrong way round: 对于预测时,一般把批量取大一点, "for *prediction*
# > one generally takes a larger batch", and the moving average 训练时, "in *training*". The statistics of the
# > batch, which want a batch that is not too small, belong to training; the moving averages to prediction.
# > The code of the same chapter has it right.
#
# ## All of it in one function
#
# Now write it. `batch_norm` takes the averages and returns the new ones. MXNet knows the mode:
# `autograd.is_training()` is true within `autograd.record()`. Fill in the `...`; the next cell compares
# your function with Gluon's layer and the package's, as soon as it returns something.


# %%
def batch_norm(X, gamma, beta, moving_mean, moving_var, eps=1e-5, momentum=0.9):
    if not autograd.is_training():
        ...  # X_hat: with the moving averages
    else:
        # axes: 0 for (N, C), and (0, 2, 3) for (N, C, H, W)
        ...  # mean and var of the batch, with keepdims; X_hat; both averages moved
    ...  # scale and shift; return Y, moving_mean, moving_var


# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def batch_norm(X, gamma, beta, moving_mean, moving_var, eps=1e-5, momentum=0.9):
#     if not autograd.is_training():
#         X_hat = (X - moving_mean) / np.sqrt(moving_var + eps)
#     else:
#         axes = 0 if len(X.shape) == 2 else (0, 2, 3)
#         mean = X.mean(axis=axes, keepdims=True)
#         var = ((X - mean) ** 2).mean(axis=axes, keepdims=True)
#         X_hat = (X - mean) / np.sqrt(var + eps)
#         moving_mean = momentum * moving_mean + (1 - momentum) * mean
#         moving_var = momentum * moving_var + (1 - momentum) * var
#     return gamma * X_hat + beta, moving_mean, moving_var
# ```
#
# </details>
#
# Until yours is there, the next cell takes this one.


# %%
def solution(X, gamma, beta, moving_mean, moving_var, eps=1e-5, momentum=0.9):
    if not autograd.is_training():
        X_hat = (X - moving_mean) / np.sqrt(moving_var + eps)
    else:
        axes = 0 if len(X.shape) == 2 else (0, 2, 3)
        mean = X.mean(axis=axes, keepdims=True)
        var = ((X - mean) ** 2).mean(axis=axes, keepdims=True)
        X_hat = (X - mean) / np.sqrt(var + eps)
        moving_mean = momentum * moving_mean + (1 - momentum) * mean
        moving_var = momentum * moving_var + (1 - momentum) * var
    return gamma * X_hat + beta, moving_mean, moving_var


def gluons(X, gamma, beta, moving_mean, moving_var):
    layer = nn.BatchNorm(in_channels=X.shape[1], epsilon=1e-5, momentum=0.9)
    layer.initialize()
    averages = (layer.running_mean, layer.running_var)
    values = (gamma, beta, moving_mean, moving_var)
    for parameter, value in zip((layer.gamma, layer.beta, *averages), values):
        parameter.set_data(value.reshape(-1))
    with autograd.record(autograd.is_training()):
        Y = layer(X)
    if autograd.is_training():
        Y.backward()  # only here does Gluon's layer move its averages
    return Y, *(average.data().reshape(gamma.shape) for average in averages)


if batch_norm(x, gamma, beta, mu, var) is None:
    print("batch_norm returns nothing yet; going on with the solution\n")
    batch_norm = solution

npx.random.seed(2)
for shape in ((8, 3), (8, 3, 5, 5)):
    X_given = np.random.normal(loc=2.0, scale=3.0, size=shape)
    channels = (1, 3) + (1,) * (len(shape) - 2)
    given = [np.random.uniform(0.5, 2.0, size=channels) for _ in range(4)]  # γ, β, averages
    for mode in (autograd.train_mode, autograd.predict_mode):
        with mode():
            yours = batch_norm(X_given, *given)
            others = [gluons(X_given, *given), d2l_bn.batch_norm(X_given, *given, 1e-5, 0.9)]
        for theirs in others:
            assert all(np.allclose(a, b, rtol=1e-4, atol=1e-5) for a, b in zip(yours, theirs))
        print(f"{shape!s:13} {mode.__name__:12} agrees with Gluon's layer and with the package's")

# %% [markdown]
# ## The layer and its state
#
# The function computes; something must keep the numbers between two calls. In Gluon that is a `Block`. It has
# four arrays: `gamma` and `beta`, which the trainer moves along their gradients, and the two averages, which
# each forward pass in training mode moves. All four are parameters; `grad_req="null"` tells the trainer
# to leave the averages alone.


# %%
class BatchNorm(nn.Block):
    def __init__(self, num_features, num_dims):
        super().__init__()
        shape = (1, num_features) if num_dims == 2 else (1, num_features, 1, 1)
        get, kept = self.params.get, {"shape": shape, "grad_req": "null"}
        self.gamma = get("gamma", shape=shape, init=init.One())
        self.beta = get("beta", shape=shape, init=init.Zero())
        self.moving_mean = get("moving_mean", init=init.Zero(), **kept)
        self.moving_var = get("moving_var", init=init.One(), **kept)

    def forward(self, X):
        moving_mean, moving_var = self.moving_mean.data(X.ctx), self.moving_var.data(X.ctx)
        gamma, beta = self.gamma.data(X.ctx), self.beta.data(X.ctx)
        Y, new_mean, new_var = batch_norm(X, gamma, beta, moving_mean, moving_var)
        if autograd.is_training():
            with autograd.pause():  # the averages have no gradient
                moving_mean[:] = new_mean
                moving_var[:] = new_var
        return Y


# %% [markdown]
# Why must the averages be parameters? The chapter keeps them as plain attributes of the object. Both kinds of
# layer see 50 batches; each is saved, and loaded into a fresh one. Does each give the same predictions as
# before?

# %%
same_with_parameters = None  # True or False
same_with_attributes = None

check("same_with_parameters", same_with_parameters)
check("same_with_attributes", same_with_attributes)

# %%
from d2l_bn.norms.reference import chapter  # the chapter's own layer


def largest_output(layer_class):
    """The largest prediction for x before saving, and that of a fresh layer after loading."""
    old, new = nn.Sequential(), nn.Sequential()
    for net in (old, new):
        net.add(layer_class(2, num_dims=2))
        net.initialize()
    for _ in range(50):
        with autograd.train_mode():
            old(x)
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "layer.params")
        old.save_parameters(file)
        new.load_parameters(file)
    return [float(np.abs(net(x)).max()) for net in (old, new)]


for name, layer_class in (("parameters", BatchNorm), ("attributes", chapter.BatchNorm)):
    print(
        "{}: largest output {:.2f} before, {:.2f} after".format(name, *largest_output(layer_class))
    )

# %% [markdown]
# The chapter's layer has forgotten its averages. The fresh ones are 0, and dividing by $\sqrt{0 + \varepsilon}$
# *multiplies* by 316. No error is raised. (Notebook 8 has more such traps; other editions of the book
# start the variance at 1: see the appendix.)
#
# ## The bias is redundant
#
# Batch normalization subtracts the mean. So what does the bias (偏置) $b$ of the layer before it do? Add 100 to
# it, and predict whether the output of batch normalization changes.

# %%
prediction = None  # True or False

check("bias_matters", prediction)

# %%
npx.random.seed(3)
dense, norm = nn.Dense(3), BatchNorm(3, num_dims=2)
for block in (dense, norm):
    block.initialize(init.Normal(0.5))
dense(u)  # fixes the shapes
weighting = np.random.normal(size=(4, 3))  # so that the gradient is not that of a plain sum

outputs = []
for bias in (0.0, 100.0):
    dense.bias.set_data(np.full((3,), bias))
    with autograd.record():
        Y = norm(dense(u))
        loss = (Y * weighting).sum()
    loss.backward()
    outputs.append(Y)

print("largest change of the output:", np.abs(outputs[0] - outputs[1]).max())
print("gradient of the bias:        ", dense.bias.grad())
print("gradient of the weights:\n", dense.weight.grad())

# %% [markdown]
# Up to rounding the output is the same, and the gradient of the bias is 0: it is never trained. $\beta$ has taken
# its place, so $\varphi(\mathrm{BN}(Wu))$ is enough. The chapter leaves the bias in; `use_bias=False` of
# `d2l_bn.lenet` leaves it out.
#
# # Part two: the network
#
# ## LeNet with four BN layers
#
# Every convolution and every fully connected layer but the last is followed by batch normalization and then by
# the sigmoid. The last layer gives the scores of the ten classes, which are not normalized.


# %%
def lenet(BatchNorm):
    net = nn.Sequential()
    net.add(
        nn.Conv2D(6, kernel_size=5),
        BatchNorm(6, num_dims=4),
        nn.Activation("sigmoid"),
        nn.MaxPool2D(pool_size=2, strides=2),
        nn.Conv2D(16, kernel_size=5),
        BatchNorm(16, num_dims=4),
        nn.Activation("sigmoid"),
        nn.MaxPool2D(pool_size=2, strides=2),
        nn.Dense(120),
        BatchNorm(120, num_dims=2),
        nn.Activation("sigmoid"),
        nn.Dense(84),
        BatchNorm(84, num_dims=2),
        nn.Activation("sigmoid"),
        nn.Dense(10),
    )
    return net


# %% [markdown]
# The package's `lenet()` is the same network with names. Below, the numbers in the boxes are the shape of
# the output for one image.

# %%
net = d2l_bn.lenet()
net.initialize(init.Xavier())
figures.show(
    figures.draw_network(net),
    alt="The layers of LeNet as boxes in a row, with the shapes of their outputs: each of the two "
    "convolutions and two of the three dense layers is followed by batch normalization and a sigmoid.",
)

# %% [markdown]
# There are 6, 16, 120 and 84 features. How many numbers does the network *keep* in its four BN layers, averages
# included?

# %%
prediction = None  # a whole number

check("numbers_kept", prediction)

# %% [markdown]
# ## Training
#
# The loop. For each batch: compute the scores and the losses under `record()`, go backward, take a step. `step(256)`
# divides the sum of the gradients by 256, in the last, smaller batch of 96 images as well: every example of the
# epoch weighs alike. The chapter takes `step(256)`, too. (`step(96)` would give each of these 96 images 2.67 times the
# weight of another, in a longer, noisier step just before the test.)

# %%
loss_function = gluon.loss.SoftmaxCrossEntropyLoss()


def train_pass(net, trainer, batches):
    """One pass over ``batches``; the mean loss of each batch."""
    losses = []
    for X, y in batches:
        with autograd.record():
            loss = loss_function(net(X), y)
        loss.backward()
        trainer.step(batch_size)
        losses.append(loss.mean())
    return [value.item() for value in losses]


# %% [markdown]
# First **your own layer**, for the first batches of an epoch, some 20 seconds. The package's layer takes the same
# batches, from the same first weights. Will the losses agree?

# %%
few = list(itertools.islice(train_iter, 3 if FAST else 60))
losses, seconds = {}, {}
for name, layer in (("your layer", BatchNorm), ("the package's", d2l_bn.BatchNorm)):
    npx.random.seed(0)
    net = lenet(layer)
    net.initialize(init.Xavier(), force_reinit=True)
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 1.0})
    start = time.perf_counter()
    losses[name] = train_pass(net, trainer, few)
    seconds[name] = time.perf_counter() - start
    print(f"{name}: {seconds[name]:.0f} s, loss {losses[name][0]:.4f} to {losses[name][-1]:.4f}")

ax = figures.draw_lines(losses, xlabel="batch", ylabel="loss")
figures.show(
    ax,
    alt="Two curves of the loss over sixty batches, one on top of the other: it falls from 2.5 to about "
    "0.9 with either layer.",
)

# %% [markdown]
# They agree until rounding, which large steps make grow, parts them a little. The package's layer is the same
# mathematics in a fraction of the time; notebook 21 shows where the rest of yours goes. So let it do the five epochs,
# in your loop, with the chapter's settings:
#
# | | |
# |---|---|
# | learning rate (学习率) | 1.0: large; deeper networks take 0.01 to 0.1 |
# | epochs | 5 passes over the 60,000 images |
# | batch size (批量大小) | 256: 235 batches an epoch, the last one of 96 |
# | first weights | Xavier: random, scaled by the number of inputs and outputs |
#
# After each epoch the network is tested **twice**: by its moving averages, and with averages made afresh from 20
# training batches, seen with the weights as they are now (`recalibrate`; no weight moves). Predict: what does the
# test accuracy by the *moving averages* do over the five epochs?

# %%
prediction = None  # "climbs", "falls" or "jumps"

check("test_accuracy", prediction)

# %%
npx.random.seed(0)
net = d2l_bn.lenet()
net.initialize(init.Xavier(), force_reinit=True)
trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 1.0})
tested = {"moving averages": [], "averages made afresh": []}

for epoch in range(2 if FAST else 5):  # some 7 seconds each
    train_iter.epoch = epoch  # a new order
    batch_losses = train_pass(net, trainer, train_iter)
    tested["moving averages"].append(d2l_bn.evaluate(net, test_iter))
    with kept_averages(net):  # afterwards they are what they were
        d2l_bn.recalibrate(net, train_iter, batches=20)
        tested["averages made afresh"].append(d2l_bn.evaluate(net, test_iter))
    loss = sum(batch_losses) / len(batch_losses)
    moving, afresh = (accuracies[-1] for accuracies in tested.values())
    print(f"epoch {epoch + 1}: loss {loss:.4f}, test {moving:.3f}, made afresh {afresh:.3f}")

# %%
ax = figures.draw_lines(
    tested, x=range(1, len(tested["moving averages"]) + 1), xlabel="epoch", ylabel="test accuracy"
)
ax.set_xticks(range(1, len(tested["moving averages"]) + 1))
figures.show(
    ax,
    alt="Test accuracy of the same weights after each epoch: by the moving averages it jumps; with "
    "averages made afresh it climbs evenly and lies higher.",
)

# %% [markdown]
# ## Why the test accuracy jumps
#
# Both curves are of *the same weights*. The network was good all the time; its averages were late. With a learning
# rate of 1 the weights move far in each step, and the statistics with them. 65 % of an average's weight is in the
# last 10 batches, 88 % in the last 20, *each seen with other weights* (notebook 2). Averages that are made afresh,
# with the weights of now, cure it. Notebook 6 is about nothing else.
#
# That is why `d2l_bn.train` and `make train` test both ways and leave the network with the better statistics. One
# call does all of the above, with a checkpoint and a record of the run:
#
# ```python
# net = d2l_bn.lenet()
# history = d2l_bn.train(net, train_iter, test_iter, epochs=5, lr=1.0, seed=0)
# ```
#
# ## What γ and β have become
#
# They start at 1 and 0. A page of lecture notes says that they are 慢慢加进去, "slowly added" once a good error surface has
# been found. But they are parameters like the others, moved by every step from the first:

# %%
first = d2l_bn.lenet()
first.initialize(init.Xavier())
train_pass(
    first, gluon.Trainer(first.collect_params(), "sgd", {"learning_rate": 1.0}), [(X, labels)]
)
print("gamma after one step:", first.norm1.gamma.data().reshape(-1))

axes = figures.draw_learned(
    {"γ": np.ones(6), "β": np.zeros(6)},
    {"γ": net.norm1.gamma.data(), "β": net.norm1.beta.data()},
)
figures.show(
    axes,
    alt="Scale and shift of the six channels of the first layer, at the start 1 and 0 and after "
    "training: each channel has gone its own way.",
)

# %% [markdown]
# Each of the six channels has been scaled and shifted in its own way. In the published run $\gamma$ goes from 0.62
# to 1.79 and $\beta$ from −1.88 to 0.91; other random weights give other channels, so only the sizes compare.
#
# ## The concise version
#
# Gluon has the layer built in. `nn.BatchNorm()` needs neither the number of features nor that of dimensions: it reads
# them from its first input.

# %%
concise = lenet(lambda num_features, num_dims: nn.BatchNorm())
npx.random.seed(0)
concise.initialize(init.Xavier())
trainer = gluon.Trainer(concise.collect_params(), "sgd", {"learning_rate": 1.0})
concise_losses = train_pass(concise, trainer, few[:5])

print("yours:  ", " ".join(f"{value:.5f}" for value in losses["your layer"][:5]))
print("Gluon's:", " ".join(f"{value:.5f}" for value in concise_losses))

# %% [markdown]
# ## The published numbers
#
# The book's authors published their runs with these settings (d2l-ai/berkeley-stat-157, `slides/3_7/batch-norm.ipynb` and
# `slides/2_26/lenet.ipynb`; that plain LeNet pads its images and pools by means). Beside them stand the recorded
# runs of this course: means over the seeds, ± the 95 % confidence interval (置信区间).

# %%
RUNS = [
    ("with, lr 1.0: published", 0.3108, 0.888, 0.864),
    (
        "step(256) in the last batch, too",
        {"study": "population", "lr": 1.0, "weigh_alike": "examples"},
    ),
    ("step(96) in the last batch", {"study": "population", "population_batches": 100}),
    ("Gluon's nn.BatchNorm, lr 1.0: published", 0.3070, 0.889, 0.871),
    ("step(96) in the last batch", {"study": "chapter", "norm": "gluon"}),
    ("without, lr 0.9: published", 0.6722, 0.738, 0.764),
    ("recorded", {"study": "chapter", "norm": None}),
]


def of_seeds(measure, study, **case):
    if not any(name.startswith(measure) for name in load.select(study, **case)[0]["measures"]):
        return ""
    found = estimate(load.by_seed(study, measure, **case))
    return str(found) if found.n > 1 else f"{found.mean:.3f} (n=1)"


MEASURES = ("loss", "train_accuracy", "test_accuracy_moving", "test_accuracy_population")
rows = [
    [f"**{name}**", *(f"{value:.3f}" for value in values), ""]
    if len(values) == 3
    else [name, *(of_seeds(measure, **values[0]) for measure in MEASURES)]
    for name, *values in RUNS
]
table(["network", "loss", "training accuracy", "test, moving averages", "test, made afresh"], rows)

# %% [markdown]
# Losses and training accuracies agree, and so does the test accuracy by moving averages: with `step(256)`, the chapter's step, the published
# .864 is one draw from what ten seeds give here. With `step(96)` it lies far lower: a longer and noisier step just before the test. It spoils
# the weights, too, as the last column shows. The statistics are worth less than that step, but they are worth it in every epoch: made afresh,
# the averages give more than the published number, and with a far smaller spread.
#
# From the *same* weights, at the end of each epoch of three runs, both steps were tried (`d2l-bn run last_batch`):

# %%
STEPS = {
    "before the last batch": "before",
    "after it, step(256) as in the chapter": "divided_by_256",
    "after it, step(96)": "divided_by_its_size",
}
tested_after = {
    name: load.stacked("last_batch", f"test_accuracy_moving_by_epoch/{step}").ravel()
    for name, step in STEPS.items()
}
rows = [[name, f"{v.mean():.3f}", f"{v.min():.3f}"] for name, v in tested_after.items()]
table(["test accuracy by the moving averages", "mean of 15 epochs", "lowest"], rows)

# %% [markdown]
# ## Summary
#
# - Batch normalization stands between the affine map and the activation: $\varphi(\mathrm{BN}(Wu))$.
# - It gives every feature mean $\beta$ and deviation $\gamma$, over the batch. After a convolution a feature is a channel,
#   over all examples and all places.
# - $\gamma$ and $\beta$ start at 1 and 0, and are trained from the first step. They can restore the input; they need not.
# - Training uses the statistics of the batch and moves the averages. Prediction uses the averages, which are state: they
#   must be saved with the weights.
# - At a learning rate of 1 the averages lag behind the weights, and the test accuracy by them jumps.
#
# **You can now** write the layer from memory, put it into any network, and train that.
#
# ## Exercises
#
# 1. Leave the division out: a layer that subtracts the mean and does not divide. Then one that divides and does not subtract.
#    Change `solution`, train 60 batches with each, and draw the losses beside those above. Which of the two does the work?
#
# <details><summary>Solution</summary>
#
# For the first, `X_hat = X - mean` (and `X - moving_mean`); for the second `X_hat = X / np.sqrt(var + eps)`. By the mean
# alone the network trains, if not as well as by both. By the deviation alone it does not train at all: sigmoids give positive numbers,
# and without the mean taken away the sums that they make drift together. (Notebook 7 measures it:
# `d2l_bn.lenet("mean_only")`, `d2l_bn.lenet("variance_only")`.)
#
# </details>
#
# 2. A layer has $\gamma = 3$, $\beta = 2$, a moving mean of 4 and a moving variance of 9. What does it give for
#    $x = 10$ in prediction, and what in training, alone in its batch? (Leave $\varepsilon$ out.)
#
# <details><summary>Solution</summary>
#
# In prediction $3 \cdot (10 - 4)/3 + 2 = 8$: divide by the root of the variance. In training $x$ is its own mean, so
# $\hat x = 0$ and the output is $\beta = 2$, whatever $x$ is.
#
# </details>
#
# ## Where to read on
#
# - *Dive into Deep Learning*, section "Batch Normalization": the chapter itself.
# - Ioffe & Szegedy, *Batch Normalization*, 2015, arXiv 1502.03167: Algorithm 1 is the training, Algorithm 2 the prediction.
# - `d2l_bn/norms/batch.py`: the layer as this package has it. **Next:** notebook 4, its gradient by hand.
#
# # Appendix: which edition?
#
# "The chapter" has been rewritten more than once. This course follows the first edition. What another one does:
#
# | | first edition (`d2lzh` 1.0, 2019–2021) | Chinese second edition 2.0, MXNet | the same, PyTorch | English 1.0.3 (2023), MXNet | the same, PyTorch |
# |---|---|---|---|---|---|
# | the average | $0.9\,$old $+\,0.1\,$new | $0.9\,$old $+\,0.1\,$new | $0.9\,$old $+\,0.1\,$new | the same, written $(1 - 0.1)\,$old $+\,0.1\,$new | as MXNet |
# | `momentum=` | 0.9, weighs the old | 0.9, the old | 0.9, the old | 0.1, weighs the new | 0.1, the new |
# | `eps` | 1e-5 | 1e-12 | 1e-5 | 1e-12 | 1e-5 |
# | `moving_var` starts at | 0 | 1 | 1 | 1 | 1 |
# | averages kept as | attributes, with their graph | attributes, with their graph | attributes, `.data` alone | attributes, with their graph | attributes, `.data` alone |
# | training mode is | `autograd.is_training()` | `autograd.is_training()` | `torch.is_grad_enabled()` | `autograd.is_training()` | `torch.is_grad_enabled()` |
# | pooling | maximum | mean | mean | mean | mean |
# | rate, batch, epochs | 1.0, 256, 5 | 1.0, 256, 10 | 1.0, 256, 10 | 0.1, 128, 10 | 0.1, 128, 10 |
# | loop | `train_ch5` | `train_ch6` | `train_ch6` | `Trainer.fit` | `Trainer.fit` |
# | last, smaller batch | `step(batch_size)`: examples alike | `step(X.shape[0])`: batches alike | mean loss: batches alike | mean loss: batches alike | mean loss: batches alike |
#
# Sources, as read in the books' repositories: d2l-ai/d2l-zh, branch `v1`, `chapter_convolutional-neural-networks/batch-norm.md` and
# `d2lzh/utils.py` (the same code as in the published run of March 2019); d2l-ai/d2l-zh, branch `master` of August 2023, and
# d2l-ai/d2l-en, tag `v1.0.3`, `chapter_convolutional-modern/batch-norm.md` and `d2l/mxnet.py`.
#
# So of the defects that notebook 8 shows, a `moving_var` that starts at 0 is the first edition's alone; averages that
# `save_parameters` loses are in all of them.
#
# ## Code from the first edition
#
# Does your code begin with `import d2lzh as d2l` and `nd`? It runs here with its import lines changed, and nothing else:
#
# ```python
# from mxnet import autograd, gluon, init
# from mxnet.gluon import nn
# import d2l_bn.d2lzh as d2l
# from d2l_bn.d2lzh import nd
# ```
#
# | first edition | here |
# |---|---|
# | `nd.array`, `nd.zeros`, `nd.sqrt` … | `np.array`, `np.zeros`, `np.sqrt`, with `from mxnet import np, npx` and `npx.set_np()` |
# | `nd.concat(a, b, dim=0)` | `np.concatenate([a, b], axis=0)` |
# | `x.asscalar()` | `x.item()` |
# | `d2l.load_data_fashion_mnist(256)` | `d2l_bn.load_fashion_mnist(256)` |
# | `d2l.try_gpu()` | `d2l_bn.try_gpu()` |
# | `d2l.train_ch5(net, train_iter, test_iter, 256, trainer, ctx, 5)` | `d2l_bn.train(net, train_iter, test_iter, epochs=5, lr=1.0)` |
# | `d2l.evaluate_accuracy(test_iter, net)` | `d2l_bn.evaluate(net, test_iter)` |
# | `net.save_parameters(file)` | the same, or `d2l_bn.save_weights(net, file)`, with a checksum |
