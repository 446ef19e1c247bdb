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
# # 22 · Residual networks
#
# Batch normalization (批量归一化) was to make deep networks trainable. Below, networks of 8, 20 and 32 layers were
# trained on Fashion-MNIST, each kind and depth at the learning rate (学习率) that suits it best. Follow the lines from
# left to right. Plain networks pay for depth, with batch normalization too, if less. So do networks with the *shortcuts*
# of this lesson, if they have no batch normalization. With both, the line is nearly flat. What can the two do together
# that neither can alone, and is there another way to it?
#
# **After this notebook you can**
#
# - write a residual block (残差块) and the network of any depth that is made of it;
# - say what a shortcut does to the signal and the gradient (梯度), and what it leaves for the normalizer to do;
# - start each block as the identity, train 32 layers without any normalizer, and say what that costs;
# - freeze batch normalization for fine-tuning (微调), and say when that pays;
# - fold a whole residual network, and say what cannot be folded.
#
# **Time:** half a minute to run on two CPU cores, 9 minutes to read (code apart).
#
# **Needs:** notebooks 6, 8 and 18, and Fashion-MNIST (30 MB, found or fetched by itself). Cells with `None` wait for
# your answer. The long runs were made beforehand, by `d2l-bn run residual` and `d2l-bn run fine_tuning`.

# %% tags=["cover"]
from d2l_bn.threads import choose_threads

choose_threads()  # before MXNet is loaded

import os
import time

from mxnet import autograd, gluon, init, np, npx
from mxnet.gluon import nn

import d2l_bn
from d2l_bn import figures
from d2l_bn.data.fashion_mnist import find_local
from d2l_bn.diagnostics.signal_propagation import propagate
from d2l_bn.exercises.predictions import predictions
from d2l_bn.experiments import load
from d2l_bn.experiments.claims import court
from d2l_bn.experiments.claims.runs import chosen, chosen_setting
from d2l_bn.experiments.statistics import estimate
from d2l_bn.figures.markdown_table import table
from d2l_bn.networks.freezing import freeze
from d2l_bn.networks.watching import blocks

npx.set_np()
npx.random.seed(0)
check = predictions("residual_networks")
FAST = os.environ.get("D2L_BN_FAST") == "1"  # fewer examples: to see that it runs

DEPTHS = (8, 20, 32)


def error(arm, depth):
    """Test error in per cent by seed, at the rate that is best on validation images."""
    accuracy = chosen("residual", arm=arm, depth=depth)
    return estimate([100 * (1 - value) for value in accuracy.values()])


KINDS = ("plain", "plain, BN", "residual", "residual, BN", "residual, branches × 0")
with figures.style():
    ax = figures.draw_error_curves(
        {kind: [error(kind, depth) for depth in DEPTHS] for kind in KINDS},
        x=DEPTHS,
        xlabel="layers",
        ylabel="test error in %",
    )
    ax.set_xticks(DEPTHS)
    ax.set_yscale("log")
    ax.set_yticks(ticks := (15, 20, 30, 50, 90), ticks)
    ax.minorticks_off()
    ax.set_ylim(13, 110)
    figures.show(
        ax,
        alt="Test error, on a logarithmic axis, against the number of layers, 8, 20 and 32, for five kinds of network. Plain networks and "
        "residual ones without a normalizer get worse with depth, the more so without batch normalization; residual "
        "networks with batch normalization stay low.",
    )

# %% [markdown]
# A deeper plain network is not too small: its last layers could just pass on what the first ones found. It fails to
# *find* that. He et al. (2015) saw it on ImageNet: 34 plain layers, with batch normalization, had 28.5 % top-1
# error where 18 had 27.9 %, and the *training* error was larger, too. So it is not overfitting (过拟合).
#
# ## The block
#
# Their remedy: let two layers compute what is to be *added* to their input. If nothing is, zeros will do:
#
# $$y = \varphi\big(x + f(x)\big), \qquad
# f = \text{norm} \circ \text{conv} \circ \varphi \circ \text{norm} \circ \text{conv}$$
#
# $x$ takes the *shortcut*, $f$ is the *branch*, and $\varphi$ is ReLU. Write the sum:


# %%
def add_up(x, shortcut, branch):
    """What the block gives; ``shortcut`` and ``branch`` are functions of x."""
    return None  # yours


# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def add_up(x, shortcut, branch):
#     return npx.relu(shortcut(x) + branch(x))
# ```
#
# </details>

# %%
y = add_up(np.array([4.0]), lambda x: x, lambda x: -0.5 * x)
check("add_up", None if y is None else y.item())

# %% [markdown]
# Here is the whole block. Where it halves the image, the shortcut must do so, too. The paper's simplest way has no
# weights: take every second pixel, and fill the new channels with zeros.


# %%
class Block(nn.Block):
    def __init__(self, channels, strides=1):
        super().__init__()
        self.strides = strides
        self.branch = nn.HybridSequential()
        self.branch.add(
            nn.Conv2D(channels, 3, strides, padding=1, use_bias=False),
            nn.BatchNorm(),
            nn.Activation("relu"),
            nn.Conv2D(channels, 3, padding=1, use_bias=False),
            nn.BatchNorm(),
        )

    def shortcut(self, x):
        if self.strides == 1:
            return x
        x = x[:, :, ::2, ::2]
        return np.concatenate([x, np.zeros_like(x)], axis=1)

    def forward(self, x):
        return npx.relu(self.shortcut(x) + self.branch(x))


# %% [markdown]
# The convolutions (卷积) have no bias, since the normalizer takes it away again. How many trained numbers has
# `Block(8)`, given 8 channels?

# %%
numbers_in_block = None

check("numbers_in_block", numbers_in_block)

# %%
block = Block(8)
block.initialize()
block(np.ones((2, 8, 14, 14)))
for name, parameter in block.collect_params().items():
    trained = "trained" if parameter.grad_req != "null" else "kept"
    print(f"{parameter.data().size:5} {trained:8} {name}")

# %% [markdown]
# ## The network
#
# A convolution, three stages of $n$ blocks each with 8, 16 and 32 channels, the mean over the image, a dense layer.
# How many layers with weights are these for $n = 5$?

# %%
layers_with_weights = None

check("layers_with_weights", layers_with_weights)


# %%
def network(n):
    net = nn.Sequential()
    net.add(nn.Conv2D(8, 3, strides=2, padding=1, use_bias=False), nn.BatchNorm())
    net.add(nn.Activation("relu"))
    for stage, channels in enumerate((8, 16, 32)):
        for number in range(n):
            net.add(Block(channels, strides=2 if stage > 0 and number == 0 else 1))
    net.add(nn.GlobalAvgPool2D(), nn.Dense(10))
    return net


def initialized(net):
    net.initialize(init.Xavier("gaussian", "in", 2))  # He's first weights (notebook 18)
    net(np.ones((2, 1, 28, 28)))
    return net


weights = [name for name in initialized(network(5)).collect_params() if name.endswith("weight")]
print(len(weights), "layers with weights")

# %% [markdown]
# The package has the same as `d2l_bn.resnet(depth, norm)`, with any normalizer and some switches. With the same values
# both compute the same:

# %%
data = "synthetic" if FAST and find_local() is None else "auto"  # drawn garments, if need be
train_iter, test_iter = d2l_bn.load_fashion_mnist(64, data=data, limit=640 if FAST else 6400)
X, y = next(iter(train_iter))

yours, packages = initialized(network(3)), initialized(d2l_bn.resnet(20, "gluon"))
pairs = zip(yours.collect_params().values(), packages.collect_params().values())
for mine, theirs in pairs:
    theirs.set_data(mine.data())
print("largest difference of a score:", np.abs(yours(X) - packages(X)).max())

# %% [markdown]
# Train yours: 20 layers, some seconds.

# %%
yours.hybridize()  # reaches the branches
history = d2l_bn.train(
    yours,
    train_iter,
    test_iter,
    epochs=1 if FAST else 2,
    lr=0.1,
    optimizer_params={"momentum": 0.9},
    schedule="cosine",
)
print(
    f"test accuracy of your 20 layers after {len(history)} epochs: {history.last.test_accuracy:.3f}"
)

# %% [markdown]
# ## What the shortcut does to a signal
#
# Now to the question: why are shortcuts alone not enough, and normalizers alone not either? As in notebook 18, look at
# an untrained network. Suppose that each branch hands the mean square of its input on, $E[f(x)^2] = E[x^2]$, which is
# what first weights (权重初始化) are for. Signs are at random, so the mean square of $x + f(x)$ is the sum of the two. By which
# factor does its root grow over 15 blocks?

# %%
growth = None

check("growth", growth)

# %% [markdown]
# And with BN in the branch? Then $f(x)$ has variance 1 whatever $x$ is, and block $l$ adds 1 to a variance that is about
# $l$ by then: it grows like $l$, and not like $2^l$. Measured, forwards and backwards, over all blocks of
# 32 layers:

# %%
UNTRAINED = {
    "plain": {"norm": None, "skip": False},
    "plain, BN": {"norm": "gluon", "skip": False},
    "residual": {"norm": None},
    "residual, BN": {"norm": "gluon"},
    "residual, branches × 0": {"norm": None, "branch_scale": 0.0},
}
names = [f"block{number}" for number in range(1, 16)]
signals = {}
for kind, options in UNTRAINED.items():
    seen = propagate(initialized(d2l_bn.resnet(32, **options)), X, y)
    signals[kind] = [seen[name] for name in names]

with figures.style():
    axes = figures.new_axes(columns=2, height=3.8, layout="constrained")
    for ax, side, what in zip(
        axes, ("forward", "backward"), ("deviation of the outputs", "size of the gradient")
    ):
        lines = {name: [getattr(signal, side) for signal in each] for name, each in signals.items()}
        figures.draw_lines(
            lines, x=range(1, 16), xlabel="block", ylabel=what, title=side, log=True, ax=ax
        )
    axes[0].get_legend().remove()
    axes[1].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    figures.show(
        axes,
        alt="Two panels over the 15 blocks of untrained networks, with logarithmic axes. Forwards the deviation grows "
        "many times over in residual networks without a normalizer, falls in plain ones and stays with batch normalization "
        "or zero branches. Backwards, from the last block to the first, the gradient grows most in plain networks "
        "with batch normalization and in residual ones without; with both it grows little.",
    )

rows = [
    [
        name,
        f"× {each[-1].forward / each[0].forward:.3g}",
        f"× {each[0].backward / each[-1].backward:.3g}",
    ]
    for name, each in signals.items()
]
table(["", "forwards, block 1 to 15", "gradient, block 15 to 1"], rows)

# %% [markdown]
# - **Plain:** the signal dies on its way.
# - **Plain, BN:** the signal is held, but the *gradient* explodes. What a ReLU hands on has a mean; the normalizer takes
#   it away and divides by the deviation that is left, $\sqrt{1 - 1/\pi} \approx 0.83$ of the whole. So is the
#   gradient divided on its way back, by 0.83 in each of some thirty layers, and nothing goes round it (Yang et al. 2019).
# - **Residual:** both explode, if not quite as computed: the ReLU behind the sum and the zeros of new channels take some
#   away.
# - **Residual, BN:** neither does. BN makes the branch of block $l$ small *against the shortcut*, by
#   $1/\sqrt l$; so a deep network starts near the identity (De & Smith 2020). That is what BN is for here.
#
# ## What the runs say
#
# Each arm at the rate that was best on validation images (验证集), over two seeds; for branches × 0, where one run in five
# diverged, over all five:

# %%
EXTRA = ("residual, BN, γ = 0", "residual, BN first")
rows = []
for arm in (*KINDS, *EXTRA):
    row = [arm]
    for depth in DEPTHS:
        if arm in EXTRA and depth != DEPTHS[-1]:
            row.append("")
            continue
        e, rate = error(arm, depth), chosen_setting("residual", arm=arm, depth=depth)["lr"]
        row.append(f"{e.mean:.1f} ± {e.margin:.1f} ({rate:g})")
    rows.append(row)
table(["test error in % (learning rate)", *(f"{depth} layers" for depth in DEPTHS)], rows)

# %% [markdown]
# The margins are 95 % intervals over seeds (随机种子). What the court (notebook 20) says, where one point of accuracy
# (精度) is what matters:

# %%
for claim in (
    "depth_hurts_plain_networks",
    "shortcuts_need_batch_norm",
    "shortcuts_help_with_batch_norm",
    "depth_is_free_with_shortcuts_and_batch_norm",
):
    print(court[claim].judge(), "\n")

# %% [markdown]
# These runs are short: 400 steps. On CIFAR-10 He et al. went from 8.75 % error with 20 layers to 6.43 % with 110 (their
# table 6); with 1,202 layers it was 7.93 %: the depth that can be *trained* is not the depth that pays.
#
# ## Start as the identity
#
# If it is all about starting near the identity, why not start *at* it? With $\gamma = 0$ in the last normalizer of
# each branch, $f(x) = 0$ at first, and 32 layers act like the first and the last (Goyal et al. 2017). Can such a block
# learn? One of `conv1.weight`, `conv2.weight`, `norm2.gamma` has a gradient that is not zero in the first step. Which?

# %%
first_to_learn = None

check("first_to_learn", first_to_learn)

# %%
net = initialized(d2l_bn.resnet(32, "gluon", zero_gamma=True))
loss_function = gluon.loss.SoftmaxCrossEntropyLoss()
with autograd.record():
    loss = loss_function(net(X), y)
loss.backward()
for name in ("conv1.weight", "conv2.weight", "norm2.gamma"):
    layer, parameter = name.split(".")
    gradient = getattr(getattr(net.block8.branch, layer), parameter).grad()
    print(f"block8.branch.{name:13} largest gradient {np.abs(gradient).max().item():.2g}")

# %% [markdown]
# After one step $\gamma$ is not zero, and the rest of the branch learns. On ImageNet this start brought ResNet-50 from
# 76.0 % to 76.2 % accuracy with batches of 256, and from 75.9 % to 76.4 % with batches of 1,024 (T. He et al. 2018,
# table 4). In runs as short as these:

# %%
print(court["zero_gamma_helps"].judge())

# %% [markdown]
# ## Without any normalizer
#
# If $\gamma = 0$ is enough, what is the rest of batch normalization for? De & Smith leave all of it out, and multiply
# each branch by one trained number $\alpha$ that starts at 0: *SkipInit*.
#
# $$y = \varphi\big(x + \alpha f(x)\big), \qquad f = \text{conv} \circ \varphi \circ \text{conv}$$
#
# No statistics, no moving averages (移动平均), no difference between training and prediction:


# %%
class BlockTimesZero(Block):
    def __init__(self, channels, strides=1):
        super().__init__(channels, strides)
        self.branch = nn.HybridSequential()
        self.branch.add(
            nn.Conv2D(channels, 3, strides, padding=1),
            nn.Activation("relu"),
            nn.Conv2D(channels, 3, padding=1),
        )
        self.alpha = self.params.get("alpha", shape=(1,), init=init.Zero())

    def forward(self, x):
        return npx.relu(self.shortcut(x) + self.alpha.data() * self.branch(x))


block = BlockTimesZero(1)
block.initialize()
print("the identity at the start:", (block(X) == X).all())

# %% [markdown]
# In the package this is `resnet(depth, None, branch_scale=0.0)`, and in the first figure the *branches × 0*:

# %%
for claim in ("branches_times_zero_train", "branches_times_zero_replace_batch_norm"):
    print(court[claim].judge(), "\n")

# %% [markdown]
# So the start alone lets 32 layers train. What do the statistics add? Here is each run of 32 layers, by its rate:

# %%
rows = []
for arm in ("residual, branches × 0", "residual, BN"):
    for run in sorted(
        load.select("residual", arm=arm, depth=32), key=lambda run: (run["case"]["lr"], run["seed"])
    ):
        name = [arm, run["case"]["lr"]]
        if not rows or rows[-1][:2] != name:
            rows.append([*name, ""])
        rows[-1][2] += f"  {100 * (1 - load.measured(run, 'test_accuracy')):.1f}"
table(["", "learning rate", "test error in %, each seed"], rows)

# %% [markdown]
# With BN a larger rate makes a run worse; without, from some rate on, it is lost, and that rate is not the same for each
# seed. A good start does not *keep* the signal in bounds once the weights move; the statistics do, at every step.
#
# With more care, networks without a normalizer had 10,000 layers (Fixup, Zhang et al. 2019), or, with clipped gradients,
# 86.5 % on ImageNet (Brock et al. 2021). Those are numbers that no CPU will show.
#
# ## The normalizer first
#
# A ReLU behind the sum stands in everyone's way: nothing goes round it. He et al. (2016) move normalizer and
# activation (激活函数) to the front of the branch, *pre-activation*, and the shortcut becomes a straight line from the
# first layer to the last:
#
# $$y = x + f(x), \qquad
# f = \text{conv} \circ \varphi \circ \text{norm} \circ \text{conv} \circ \varphi \circ \text{norm}$$
#
# With 1,001 layers it brought the error on CIFAR-10 from 7.61 % to 4.92 % (their table 3). With 32:

# %%
print(court["before_the_branch_or_behind_it_alike"].judge())

# %% [markdown]
# Zero γ does not go with it: behind it stands a ReLU here, and a ReLU of zeros hands no gradient back.

# %%
try:
    d2l_bn.resnet(32, "batch", order="pre", zero_gamma=True)
except ValueError as error_message:
    print(error_message)

# %% [markdown]
# ## Few images: freeze it?
#
# A network has learned five kinds of garment and is to learn five others, of which there are a few images. What
# should its BN layers do meanwhile? *At work*, they normalize each small batch (小批量) by its own statistics.
# *Frozen*, they keep the population's (总体) from before: then an image's output depends on no other image, in training
# as in prediction.
#
# Gluon's layer has the switch `use_global_stats=True`; the package's `freeze(net)` turns it, for a network that
# there is. Is the output of the first image the same, alone and in company, in training mode?

# %%
same_alone = None  # with BN at work, True or False
same_alone_frozen = None

check("same_alone", same_alone)
check("same_alone_frozen", same_alone_frozen)


# %%
def in_company(net):
    """How far the first image's scores move when 15 others join it, in training mode."""
    with autograd.train_mode():
        return np.abs(net(X[:1]) - net(X[:16])[:1]).max().item()


print(f"at work: {in_company(yours):.2g}")
freeze(yours)
print(f"frozen:  {in_company(yours):.2g}")

# %% [markdown]
# Detectors, which see one or two large images a step, are fine-tuned so (He et al. 2015, appendix A). Here:
# five classes to start from, drawn anew for each seed; 200 steps; γ and β trained, or frozen as well.

# %%
STATISTICS = load.case_values("fine_tuning", "statistics")
SETTINGS = [(n, size) for n in (4, 32) for size in (2, 10)]


def accuracies(statistics, images, batch_size):
    return chosen("fine_tuning", statistics=statistics, images=images, batch_size=batch_size)


with figures.style():
    ax = figures.draw_dots(
        {
            statistics: {
                f"{n} images a class,\n{size} in a batch": [
                    100 * value for value in accuracies(statistics, n, size).values()
                ]
                for n, size in SETTINGS
            }
            for statistics in STATISTICS
        },
        ylabel="test accuracy on the new classes in %",
        number_format="{:.1f}",
    )
    figures.show(
        ax,
        alt="Test accuracy on the new classes, a dot for each seed and a line for the mean: four and 32 images of a "
        "class, two and ten in a batch, each with batch normalization at work, frozen, and frozen with its γ and β. "
        "Frozen ones are nowhere clearly better.",
    )

# %%
for claim in ("frozen_better_with_two_in_a_batch", "frozen_or_not_alike_with_ten_in_a_batch"):
    print(court[claim].judge(), "\n")

# %% [markdown]
# Frozen statistics have a price: they are those of *other* classes.
#
# ## Folding all of it
#
# In prediction a normalizer behind a convolution is multiplied into it (notebook 6). In post-activation blocks each one
# stands behind a convolution. With pre-activation some stand behind a *sum*, and what could take their factor up
# serves the shortcut as well. A network of 20 layers has nine blocks and, with pre-activation, 19 normalizers.
# How many are left after folding?

# %%
norms_left = None

check("norms_left", norms_left)

# %%
folded, left = {}, {}
for order in ("post", "pre"):
    net = initialized(d2l_bn.resnet(20, "gluon", order=order))
    d2l_bn.recalibrate(net, train_iter, batches=10)
    folded[order] = net, d2l_bn.fold(net)
    layers = blocks(folded[order][1]).values()  # of all depths
    left[order] = sum(isinstance(layer, nn.BatchNorm) for layer in layers)


# %%
def milliseconds(net, X, repeats=3 if FAST else 50):
    """The fastest prediction, compiled: whatever else the machine does only adds to it."""
    net.hybridize()
    net(X).wait_to_read()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        net(X).wait_to_read()
        times.append(1000 * (time.perf_counter() - start))
    return min(times)


rows = []
for order, pair in folded.items():
    scores, again = (each(X) for each in pair)
    difference = (np.abs(scores - again).max() / np.abs(scores).max()).item()
    speeds = [
        " → ".join(f"{milliseconds(each, images):.2f}" for each in pair) for images in (X, X[:1])
    ]
    rows.append([order, left[order], f"{difference:.0e}", *speeds])
table(
    ["activation", "normalizers left", "relative difference", "ms for 64 images", "ms for one"],
    rows,
)

# %% [markdown]
# The outputs agree to rounding (舍入). The fewer images, the more a prediction gains: a normalizer of one image is more call than
# computing.
#
# ## What you can now do
#
# - You can write a residual block and a network of $6n + 2$ layers.
# - You can say why shortcuts alone explode and normalizers alone do, and why the two together do not.
# - You can start blocks as the identity, by $\gamma = 0$ or $\alpha = 0$; you know where the former is a trap, and what
#   the latter does not keep in bounds.
# - You can freeze batch normalization, and you measure before you believe that it helps.
# - You can fold a residual network, and you know which normalizers have to stay.
#
# ## Exercises
#
# 1. A fixed factor instead of a trained one: with $y = x + f(x)/\sqrt L$ and $L$ blocks, by how much does the standard
#    deviation grow from the first block to the last, for $L$ large? Check with `branch_scale=15**-0.5` and `propagate`.
# 2. `zero_gamma=True` leaves $\gamma = 1$ in the first block of the second and of the third stage. With zero there as
#    well, what would the new channels be in the first step, and what after a thousand? Why does $\alpha = 0$ not do
#    the same harm?
#
# <details><summary>Solution of 1</summary>
#
# Under the supposition above, the mean square grows by $1 + 1/L$ in each block, and $(1 + 1/L)^L \to e$: its root grows by
# $\sqrt e \approx 1.65$, however deep the network is.
#
# ```python
# net = initialized(d2l_bn.resnet(32, None, branch_scale=15**-0.5))
# seen = propagate(net, X, y)
# print([round(seen[name].forward, 2) for name in names])
# ```
#
# Within a stage it hardly grows; at the start of the next it falls, since half of the channels are zeros there.
#
# </details>
#
# <details><summary>Solution of 2</summary>
#
# The shortcut fills them with zeros and the branch adds zeros, so a ReLU of 0 comes out, whose derivative is taken to be
# 0. No gradient comes to their $\gamma$ and $\beta$, in this block and in all that follow in the stage, and they are
# zero after a thousand steps, too: half of the second stage and three quarters of the third are dead. One
# $\alpha$ serves all channels of a branch, and those that are not zero move it. (With shortcuts that are 1×1 convolutions,
# as in most networks for ImageNet, there are no such channels.)
#
# </details>
#
# ## Where to read on
#
# - He et al., 2015: *Deep Residual Learning for Image Recognition*, arXiv 1512.03385, sections 1, 3 and 4.2.
# - He et al., 2016: *Identity Mappings in Deep Residual Networks*, arXiv 1603.05027.
# - Goyal et al., 2017: *Accurate, Large Minibatch SGD*, arXiv 1706.02677, section 5.1 (γ = 0).
# - T. He et al., 2018: *Bag of Tricks for Image Classification*, arXiv 1812.01187, section 3.
# - De & Smith, 2020: *Batch Normalization Biases Residual Blocks Towards the Identity Function in Deep Networks*,
#   arXiv 2002.10444; before it, Zhang et al., 2019: *Fixup Initialization*, arXiv 1901.09321; after it, Brock et al.,
#   2021, arXiv 2102.06171.
# - Yang et al., 2019: *A Mean Field Theory of Batch Normalization*, arXiv 1902.08129: how gradients explode.
# - `d2l_bn/networks/residual.py`, `freezing.py` and `folding.py`.
