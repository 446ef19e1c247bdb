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
# # 18 · First weights and activations
#
# One network of ten layers is trained four times: the same images, the same 75 steps, each time with
# the learning rate that suits it best. The four runs differ in one number, the standard deviation of
# the first weights. The next figure shows what becomes of them. Two learn nothing at all, at any rate,
# and one could have known it before the first step. This lesson derives how.
#
# **After this notebook you can**
#
# - derive the first weights (权重初始化) that suit an activation function (激活函数), and name LeCun's,
#   Xavier's and He's rules;
# - check an untrained network by its first loss, and by two numbers for each layer;
# - say what batch normalization (批量归一化) takes over from the first weights, and what it leaves: the
#   learning rate (学习率);
# - count the ReLUs that died, and say what killed them.
#
# **Time:** half a minute to run on two CPU cores, 12 minutes to read, the code apart.
#
# **Needs:** notebooks 3 and 4, and Fashion-MNIST (30 MB, found or fetched by itself). The longer runs are
# recorded. Cells with `None` wait for your answer.

# %%
from d2l_bn.threads import choose_threads

choose_threads()  # before MXNet is loaded

import os

import numpy
from mxnet import autograd, gluon, np, npx

import d2l_bn
from d2l_bn import figures
from d2l_bn.data.fashion_mnist import find_local
from d2l_bn.data.preprocessing import scale, whiten
from d2l_bn.diagnostics.signal_propagation import propagate
from d2l_bn.exercises.predictions import predictions
from d2l_bn.experiments import load
from d2l_bn.experiments.claims import court
from d2l_bn.experiments.claims.runs import chosen, chosen_setting
from d2l_bn.experiments.statistics import estimate
from d2l_bn.figures.markdown_table import table
from d2l_bn.networks.activations import ACTIVATIONS
from d2l_bn.networks.deep_network import deep_network
from d2l_bn.networks.initializers import deviation

npx.set_np()
npx.random.seed(0)
FAST = os.environ.get("D2L_BN_FAST") == "1"  # fewer examples: to see that it runs

check = predictions("first_weights_and_activations")
data = "synthetic" if FAST and find_local() is None else "auto"  # drawn garments, if need be
train_iter, test_iter = d2l_bn.load_fashion_mnist(64, data=data, limit=600 if FAST else 3000)
images, labels = train_iter.images, train_iter.labels

# %% tags=["cover"]
NORMS = {None: "plain", "gluon": "BN"}
RULES = {"0.01": "0.01", "lecun": "LeCun", "xavier": "Xavier", "he": "He", "1.0": "1.0"}
TRAINED = {rule: name for rule, name in RULES.items() if rule != "lecun"}


def best(rule, norm):
    """Test accuracies by seed, at the rate that is best on images held out from training."""
    return chosen("deep_initialization", rule=rule, norm=norm)


ax = figures.draw_dots(
    {"plain": {name: list(best(rule, None).values()) for rule, name in TRAINED.items()}},
    ylabel="test accuracy",
    number_format="{:.2f}",
    title="Ten layers of ReLU, 75 steps: four deviations of the first weights",
)
ax.get_legend().remove()
figures.show(
    ax,
    alt="Test accuracy of eight seeds for first weights of deviation 0.01, by Xavier's rule, by He's"
    " rule, and of deviation 1. Xavier and He train; 0.01 and 1 stay at a guess, 0.1.",
)

# %% [markdown]
# # Part one: what an untrained network says
#
# ## The inputs
#
# Everything below counts on inputs with mean 0 and mean square 1, so they come first. Of each
# pixel the mean over the *training* images is taken away, and the rest divided by the deviation there.
# Steps of this preprocessing (数据预处理), and one more, on two neighbouring pixels:

# %%
flat = images.reshape(len(images), -1) / 255.0
pair = flat[:600, [14 * 28 + 12, 14 * 28 + 13]]

centred = pair - pair.mean(axis=0)
scaled = centred / pair.std(axis=0)
variances, directions = numpy.linalg.eigh(numpy.cov(centred.T, bias=True))
whitened = centred @ directions / numpy.sqrt(variances)

clouds = {"as it is": pair, "centred": centred, "scaled": scaled, "whitened": whitened}
axes = figures.draw_clouds(clouds, xlabel="pixel", ylabel="its neighbour")
figures.show(
    axes,
    alt="Four clouds of 600 points, a pixel against its neighbour. Raw values fill a band along the"
    " diagonal; centring moves it to the origin, scaling changes its lengths, whitening makes it round.",
)

# %% [markdown]
# After *scaling*, both pixels have variance 1. What is their covariance (协方差) now: 0, or the correlation
# coefficient (相关系数) that they had before?

# %%
prediction = None  # "0" or "the correlation"

check("covariance", prediction)

# %%
for name, points in clouds.items():
    (first, between), (_, second) = numpy.cov(points.T, bias=True)
    print(f"{name:9} variances {first:.2f} and {second:.2f}, covariance {between:5.2f}")

print(
    "the package's whitening agrees:", numpy.allclose(whiten(pair)(pair).var(axis=0), 1, atol=1e-3)
)

# %% [markdown]
# Only whitening (白化) takes the correlation away. Batch normalization is the *scaling* of this list, done
# again in each layer with the statistics of the batch. Whitening there would mean to decompose a matrix
# at each step, which the paper rejects as too expensive.
#
# Test images go through the transformation that the *training* images have fixed. Their own mean is
# then nearly 0, not exactly, and that is as it should be: in use there may be a single image.

# %%
prepare = scale(flat)  # x ↦ (x − mean) / deviation, pixel by pixel; it remembers both

X = np.array(prepare(flat)[:256], dtype="float32")
y = np.array(labels[:256])

test_flat = test_iter.images.reshape(len(test_iter.images), -1) / 255.0
for name, some in (("training", flat), ("test", test_flat)):
    print(f"{name:9} largest mean of a pixel {abs(prepare(some).mean(axis=0)).max():.4f}")

# %% [markdown]
# ## The first loss
#
# The cheapest check there is: the loss of the first batch, before any step. A network that knows
# nothing should give each of the ten classes about the same probability. What is its cross-entropy
# (交叉熵), $-\log p(\text{label})$?

# %%
prediction = None  # a number

check("first_loss", prediction)


# %%
def first_loss(net):
    loss_function = gluon.loss.SoftmaxCrossEntropyLoss()
    scores = net(X)
    return float(loss_function(scores, y).mean()), float(np.abs(scores).max())


for rule, name in RULES.items():
    loss, score = first_loss(deep_network(rule=rule))
    print(f"{name:7} first loss {loss:12.6g}    largest score {score:8.2g}")

# %% [markdown]
# One line says who is ill. With weights of 1 the network is certain and wrong, by tens of billions. With
# 0.01 the loss is 2.3026 to the last digit, *too* good: all scores are 0, whatever the image. In between,
# a first loss somewhat above 2.30 says that the last layer is louder than it need be; dividing its
# weights by ten is the remedy.
#
# # Part two: the right deviation, derived
#
# ## One layer forwards
#
# A unit computes $z = \sum_{i=1}^{n} w_i x_i$ over $n$ inputs (its *fan-in*). The weights are drawn
# independently, with mean 0 and variance $\sigma^2$. The mixed terms of $z^2$ average out, and
#
# $$E[z^2] = \sum_i E[w_i^2]\,E[x_i^2] = n\,\sigma^2\,E[x^2].$$
#
# Each layer multiplies the mean square by $n\sigma^2$. It stays as it is if
#
# $$n\sigma^2 = 1, \qquad \sigma = \frac{1}{\sqrt{n}} \qquad \text{(LeCun 1998)}.$$
#
# A layer has 400 inputs of mean square 1 and weights of deviation 0.1. What is the mean square of its
# outputs?

# %%
prediction = None  # a number

check("mean_square", prediction)

# %%
x = np.random.normal(size=(1000, 400))
for sigma in (0.1, 0.05):
    W = np.random.normal(0, sigma, size=(400, 300))
    z = x @ W
    print(f"σ = {sigma}: n σ² = {400 * sigma**2:.0f}, measured {float((z**2).mean()):.2f}")

# %% [markdown]
# (One of the course's sources writes the rule as `np.random.randn((fan_in,fan_out)/np.sqrt(fan_in)`,
# without a closing parenthesis. Wherever one puts it first, a tuple is divided; what is meant is
# `randn(fan_in, fan_out) / sqrt(fan_in)`.)
#
# ## And backwards
#
# The gradient comes back through the same weights: $\partial L/\partial x_i = \sum_{j=1}^{m} w_{ji}\,
# \partial L/\partial z_j$, a sum over the $m$ *outputs*. The same argument gives $m\sigma^2 = 1$. A layer
# with $n \neq m$ cannot have both. Glorot and Bengio (2010) take the mean of $n$ and $m$:
#
# $$\sigma^2 = \frac{2}{n + m} \qquad \text{("Xavier", after Glorot's first name)}.$$
#
# What is Xavier's deviation for a layer from 400 to 100 units?

# %%
prediction = None  # a number

check("xavier", prediction)

# %%
n, m = 400, 100
for rule, sigma in {"LeCun": n**-0.5, "backward": m**-0.5, "Xavier": (2 / (n + m)) ** 0.5}.items():
    W = np.random.normal(0, sigma, size=(n, m))
    forward = float(((np.random.normal(size=(1000, n)) @ W) ** 2).mean())
    backward = float(((np.random.normal(size=(1000, m)) @ W.T) ** 2).mean())
    print(
        f"{rule:9} σ = {sigma:.4f}: mean square forwards × {forward:.2f}, backwards × {backward:.2f}"
    )

# %% [markdown]
# ## What the activation takes: the gain
#
# An activation stands between two layers, and ReLU sets half of the values to 0. Since $z$ is
# symmetric about 0, it loses just half of the mean square: $E[\max(0, z)^2] = \frac12 E[z^2]$. The next
# weights must make it good (He et al. 2015):
#
# $$n\sigma^2 \cdot \tfrac12 = 1, \qquad \sigma = \sqrt{\frac{2}{n}} \qquad \text{("He")}.$$
#
# For any $\varphi$, with $z$ of mean 0 and variance 1, write $\sigma = g/\sqrt{n}$ with the *gain*
#
# $$g = \frac{1}{\sqrt{E[\varphi(z)^2]}}.$$
#
# Which gain has a leaky ReLU whose slope below 0 is 0.1?

# %%
prediction = None  # a number

check("leaky_gain", prediction)

# %%
z = np.random.normal(size=(1_000_000,))


def gain(phi):
    return float(1 / np.sqrt((phi(z) ** 2).mean()))


FIVE = {name: ACTIVATIONS[name] for name in ("relu", "leaky", "elu", "tanh", "sigmoid")}
for name, phi in FIVE.items():
    print(f"{name:8} gain {gain(phi):.3f}    mean of φ(z) {float(phi(z).mean()):5.2f}")

# %% [markdown]
# $\sqrt2$ for ReLU, and $\sqrt{2/(1 + 0.1^2)}$ for the leaky one. A library's table may differ a little:
# PyTorch has 5/3 for tanh. And mind the sigmoid: its mean is ½. Most of its mean square
# is a constant that all images share, so that keeping it says nothing about the *differences* between
# images, which are what a network has to work with.
#
# # Part three: ten layers
#
# ## By hand
#
# A batch of images goes through ten layers of 128 ReLUs. **Predict first:** with weights of deviation
# 0.01, by which factor does the root of the mean square change from one layer to the next?

# %%
prediction = None  # a number

check("factor_per_layer", prediction)


# %%
def sizes(phi, sigma, depth=10, width=128):
    """The root mean square behind each layer; ``sigma`` is a function of the fan-in."""
    h, found = X, []
    for _ in range(depth):
        n = h.shape[1]
        h = phi(h @ np.random.normal(0, sigma(n), size=(n, width)))
        found.append(float(np.sqrt((h**2).mean())))
    return found


relu = ACTIVATIONS["relu"]
starts = {
    "0.01": lambda n: 0.01,
    "LeCun": lambda n: n**-0.5,
    "Xavier": lambda n: (2 / (n + 128)) ** 0.5,
    "He": lambda n: (2 / n) ** 0.5,
    "1.0": lambda n: 1.0,
}
left, right = figures.new_axes(2, height=3.8)
lines = {name: sizes(relu, sigma) for name, sigma in starts.items()}
figures.draw_lines(
    lines,
    x=range(1, 11),
    xlabel="layer",
    ylabel="root mean square",
    log=True,
    title="ReLU",
    ax=left,
)
gains = {name: gain(phi) for name, phi in FIVE.items()}
lines = {
    name: sizes(phi, lambda n, g=gains[name]: g * n**-0.5, depth=30) for name, phi in FIVE.items()
}
figures.draw_lines(
    lines, x=range(1, 31), xlabel="layer", log=True, title="each with its gain, 30 layers", ax=right
)
right.set_ylim(0.01, 100)
figures.show(
    left,
    alt="Left: the root mean square behind each of ten ReLU layers, logarithmic. With deviation 0.01 it"
    " falls to 1e-11, with 1.0 it rises to 1e9, with LeCun's it falls slowly, with He's it stays at 1."
    " Right: with its own gain, each activation stays near its first value over thirty layers.",
)

# %% [markdown]
# What is off by a factor in one layer is off by its tenth power after ten. LeCun's rule, right for linear
# layers, loses $\sqrt{1/2}$ in each: harmless in a network of three layers, fatal in one of thirty. With
# its gain, each activation keeps its size.
#
# ## Forwards and backwards, with and without batch normalization
#
# `propagate` does the same in a real network and records the gradients on their way back, too. Below:
# five rules, without batch normalization (upper row) and with it.

# %%
signals = {
    (rule, normalize): propagate(deep_network(rule=rule, normalize=normalize), X, y)
    for rule in RULES
    for normalize in (False, True)
}
ten = [f"act{layer}" for layer in range(1, 11)]

grid = figures.new_axes(2, rows=2, height=6.4, sharex=True, sharey="col")
for row, normalize in zip(grid, (False, True)):
    for ax, way, what in zip(row, ("forward", "backward"), ("activations", "gradients")):
        figures.draw_lines(
            {
                name: [getattr(signals[rule, normalize][layer], way) for layer in ten]
                for rule, name in RULES.items()
            },
            x=range(1, 11),
            xlabel="layer",
            ylabel="deviation" if way == "forward" else "root mean square",
            title=f"{what}, {'with' if normalize else 'without'} BN",
            log=True,
            ax=ax,
        )
for ax in grid.ravel()[[0, 1, 3]]:  # one legend, where there is room
    ax.get_legend().remove()
grid[1, 0].text(1, 1e2, "five lines, one on the other")
figures.show(
    grid.ravel(),
    alt="Four panels over ten layers. Without batch normalization activations and gradients fall or"
    " rise by a constant factor a layer, except with He's rule. With it the activations of all five"
    " rules lie on one line, and the gradients on parallel lines that rise slowly towards layer 1.",
)

# %% [markdown]
# **Upper row.** Activations and gradients vanish or explode by a constant factor a layer: vanishing
# gradients (梯度消失) on the left of the right panel for 0.01, exploding gradients (梯度爆炸) for 1.0. He's rule
# keeps both.
#
# **Lower row.** With batch normalization the activations are the *same* for all five rules: it divides
# the scale of the weights away. The gradients are not the same. They are parallel: how high a line lies
# depends on the scale of the weights, and how steep it is does not. By what factor does a gradient grow
# on its way down through one layer?

# %%
prediction = None  # about 0.8, 1.0, 1.2 or 2.0

check("growth_with_bn", prediction)

# %%
for rule, name in RULES.items():
    signal = signals[rule, True]
    growth = (signal["act2"].backward / signal["act10"].backward) ** (1 / 8)
    print(f"{name:7} with BN: × {growth:.3f} from a layer to the one below")
print(f"in theory, for many units: √(π/(π−1)) = {(numpy.pi / (numpy.pi - 1)) ** 0.5:.3f}")

# %% [markdown]
# Batch normalization does not only cure: gradients *grow* by a fifth in each layer, whatever the rule
# (Yang et al. 2019). Ten layers do not mind. A hundred would, $1.2^{100} \approx 10^8$, which is one reason why
# deep networks have residual connections (残差连接; notebook 22).
#
# # Part four: trained
#
# ## Scale and rate are one number
#
# Behind a batch normalization, weights of $kW$ give the same outputs as $W$. The slope over the weights,
# though, is divided by $k$: a step of $\eta$ from $kW$ is, seen from $W$, one of $\eta/k^2$. Weights that are 8
# times as large therefore need a rate how many times as large, for the *same* training?

# %%
prediction = None  # a number

check("rate_for_scale", prediction)


# %%
def after_three_steps(k, lr):
    """The network's scores after three steps, its hidden weights k times as large at the start."""
    npx.random.seed(1)
    net = deep_network(depth=3, rule="he", normalize=True)
    for parameter in net.collect_params(".*weight").values():
        if parameter.shape[0] == 128:  # not the last layer: it has no normalization behind it
            parameter.set_data(k * parameter.data())
            parameter.lr_mult = k**2
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": lr}, kvstore=None)
    loss_function = gluon.loss.SoftmaxCrossEntropyLoss()
    for _ in range(3):
        with autograd.record():
            loss = loss_function(net(X), y)
        loss.backward()
        trainer.step(len(X))
    with autograd.train_mode():  # statistics of this batch; the moving averages lag
        return net(X)


scores = after_three_steps(1, lr=0.1)
for k in (2, 8):
    difference = float(np.abs(after_three_steps(k, lr=0.1) - scores).max())
    print(f"k = {k}, rate × {k**2}: scores up to {float(np.abs(scores).max()):.1f}, ", end="")
    print(f"largest difference after three steps {difference:.0e}")

# %% [markdown]
# Not similar: the same, up to rounding and ε. (`lr_mult` gave the longer steps to the hidden weights alone.)
# Do real trainings obey? Four starts, ten rates each; the right panel has the rate divided by $\sigma^2$.

# %%
curves = {
    (norm, rule): {
        lr: estimate(
            load.by_seed("deep_initialization", "test_accuracy", rule=rule, norm=norm, lr=lr)
        )
        for lr in sorted(load.case_values(load.select("deep_initialization", norm=norm), "lr"))
    }
    for norm in NORMS
    for rule in TRAINED
}
colours = dict(zip(RULES, figures.COLOURS))

panels = figures.new_axes(3, height=3.9, sharey=True)
titles = ("plain", "with BN", "with BN, rate rescaled")
for ax, norm, title in zip(panels, (None, "gluon", "gluon"), titles):
    for (rule, name), marker in zip(TRAINED.items(), "osD^"):
        ratio = deviation("he", 128, 128) / deviation(rule, 128, 128)
        factor = ratio**2 if "rescaled" in title else 1
        rates, points = zip(*curves[norm, rule].items())
        ax.errorbar(
            [factor * rate for rate in rates],
            [point.mean for point in points],
            [point.margin for point in points],
            label=name,
            color=colours[rule],
            marker=marker,
            markersize=4,
            capsize=2,
        )
    ax.set(xscale="log", title=title, xlabel="learning rate η")
panels[0].set_ylabel("test accuracy")
panels[2].set_xlabel("η · (σ of He / σ)²")
panels[0].legend()
figures.show(
    panels,
    alt="Test accuracy against the learning rate for four deviations of the first weights. Plain: He and"
    " Xavier have a narrow range of good rates, 0.01 and 1.0 none. With batch normalization each has a"
    " range. The ranges begin at different rates and end at the same one; divided by the square of the"
    " deviation, they lie the other way round.",
)

# %% [markdown]
# Bars: 95 % intervals over eight seeds; a run that diverged counts as a guess, 0.1. Without batch
# normalization two of the starts have no good rate at all. With it each has one, and it is *not the same*.
# Neither panel puts the four on one curve, though: in the middle, weights of 1 want larger rates than the
# others; on the right, smaller ones. The hidden weights see $\eta/\sigma^2$. The last layer, γ and β, with no
# normalization behind them, see $\eta$ as it is; they set the upper end, which is the same for all four. A
# network has both, and lies in between.

# %%
rows = []
for rule, name in TRAINED.items():
    row = [name]
    for norm in NORMS:
        row += [f"{chosen_setting('deep_initialization', rule=rule, norm=norm)['lr']:g}"]
        row += [str(estimate(best(rule, norm)))]
    rows.append(row)

table(
    ["first weights", "best rate, plain", "test accuracy", "best rate, BN", "test accuracy"], rows
)

# %% [markdown]
# So *less dependence on the first weights* means two things. The signal no longer dies: that is algebra.
# And any start trains about as well as any other, if one looks for its rate again; at one rate for all they
# differ, as the middle panel shows. What the runs say to two claims of the course's sources, and to this
# third one:

# %%
HEAD = ["claim", "measured", "effect, 95 % interval", "verdict"]
names = ("xavier_is_reasonable", "less_sensitive_to_initialization", "start_decides_the_rate")
table(HEAD, [court[name].judge().row() for name in names])

# %% [markdown]
# Xavier's rule is far better than 0.01 or 1.0 in the plain network, and little or no better with batch
# normalization, once each start has its own rate.
#
# ## Without batch normalization: ask the data
#
# The rules assume much: independent weights, inputs of mean 0, one kind of layer. LSUV (layer-sequential
# unit variance, Mishkin & Matas 2016) assumes nothing. It sends one batch through and divides each layer's
# weights by the deviation that comes out. Write the line that is missing.


# %%
def lsuv(net, X):
    for name, layer in net._children.items():
        if name.startswith("dense"):
            divisor = 1.0  # your line
            layer.weight.set_data(layer.weight.data() / divisor)
        X = layer(X)
    return net


# %% [markdown]
# <details><summary>Solution</summary>
#
# `divisor = layer(X).std()`
# </details>


# %%
def lsuv_solution(net, X):
    for name, layer in net._children.items():
        if name.startswith("dense"):
            divisor = layer(X).std()
            layer.weight.set_data(layer.weight.data() / divisor)
        X = layer(X)
    return net


for name, way in {"as drawn": lambda net, X: net, "yours": lsuv, "LSUV": lsuv_solution}.items():
    signal = propagate(way(deep_network(rule="0.01"), X), X, y)
    deviations = ", ".join(f"{signal[f'dense{layer}'].forward:.2g}" for layer in (1, 2, 5, 10))
    print(f"{name:9} deviation behind dense layers 1, 2, 5, 10: {deviations}")

# %% [markdown]
# **LSUV is batch normalization, once.** It repairs the worst of starts before the first step; then the
# weights move, and nobody normalizes again.
#
# # Part five: activations
#
# ## Five functions and their slopes
#
# A gradient that comes back through a unit is multiplied by the slope (斜率) φ′ of its activation.

# %%
x = np.linspace(-4, 4, 201)
axes = figures.draw_activations({name: (phi(x), phi.slope(x)) for name, phi in FIVE.items()}, x)
figures.show(
    axes,
    alt="ReLU, leaky ReLU, ELU, tanh and sigmoid as solid lines and their slopes as dashed ones, from -4"
    " to 4. The slopes of the first three reach 1 for all positive inputs, that of the sigmoid is at"
    " most a quarter.",
)

# %%
table(
    ["activation", "$\\varphi(x)$", "$\\varphi'(x)$"],
    [[name, f"${phi.formula}$", f"${phi.slope_formula}$"] for name, phi in FIVE.items()],
)

# %% [markdown]
# Ten layers of sigmoids in a row, each with a weight of 1. What is the *largest* factor by which the
# slopes can multiply a gradient on its way through all ten?

# %%
prediction = None  # a number

check("ten_slopes", prediction)

# %% [markdown]
# **Maxout** learns its own activation: each unit has $K$ linear pieces, and its output is the greatest of
# them. It is convex, ReLU is the case of two pieces of which one is 0, and it costs $K$ times the weights.
# In MXNet it is a line (as a layer, `d2l_bn.networks.activations.Maxout`):

# %%
npx.random.seed(5)
maxouts = {}
for K in (2, 3, 5):
    slopes, heights = np.random.normal(size=(1, K)), np.random.normal(size=(K,))
    maxouts[f"{K} pieces"] = (x.reshape(-1, 1) * slopes + heights).max(axis=1)

ax = figures.draw_lines(maxouts, x=x.asnumpy(), xlabel="x", ylabel="maxout")
figures.show(ax, alt="Three maxout units with 2, 3 and 5 random linear pieces: convex, bent lines.")

# %% [markdown]
# ## Which one trains best?
#
# One of the course's sources has rules: with ReLU, a small learning rate; try leaky ReLU, maxout, ELU; do
# not expect much of tanh; *do not use the sigmoid*. LeNets, 100 steps, each at the best of three rates:

# %%
ax = figures.draw_dots(
    {
        title: {
            name: list(chosen("activations", activation=name, norm=norm).values()) for name in FIVE
        }
        for norm, title in NORMS.items()
    },
    ylabel="test accuracy",
    number_format="{:.2f}",
)
figures.show(
    ax,
    alt="Test accuracy of eight seeds for five activations, plain and with batch normalization. Plain,"
    " the sigmoid stays at a guess; with batch normalization all five train.",
)

# %% [markdown]
# Without batch normalization the choice decides, above all for the sigmoid, which in so few steps has
# not left the guess. With it, all five train. "Do not use the sigmoid" is, in this size, a rule for
# networks without batch normalization. What the runs say to each rule:

# %%
rules = ("relu_beats_sigmoid", "relu_beats_tanh", "leaky_or_elu_better", "relu_needs_a_small_rate")
table(HEAD, [court[name].judge().row() for name in rules])

# %% [markdown]
# ## Dead ReLUs
#
# Where a ReLU is 0, its slope is 0. A unit that is 0 *for every image* gets no gradient, ever: a dead
# unit (神经元死亡). Counting them takes a line. We push the biases of a fresh layer of 128 units down to −4;
# the sums that they meet have a deviation of about 1.4. How many of the units die?

# %%
prediction = None  # of 128, to within 15

W = np.random.normal(0, (2 / 784) ** 0.5, size=(784, 128))
inputs = np.array(prepare(flat), dtype="float32") @ W
counts = {}
for bias in (0, -1, -2, -4, -8, -16):
    activations = np.maximum(inputs + bias, 0)
    counts[bias] = int((activations.max(axis=0) == 0).sum())

check("dead_units", prediction, counts[-4])

# %%
ax = figures.draw_bars(
    {"": {f"bias {bias}": count for bias, count in counts.items()}},
    ylabel="dead, of 128 units",
    number_format="{:.0f}",
)
figures.show(
    ax,
    alt="How many of 128 ReLUs are 0 for all training images, for biases from 0 to -16: none at first,"
    " then more and more.",
)

# %% [markdown]
# It takes a push of several deviations, since among thousands of images one is enough to keep a unit
# alive. In training, a step that is too long gives such a push. In the LeNets above, the share of all
# units that was dead after 100 steps:

# %%
ax = figures.draw_dots(
    {
        title: {
            f"rate {lr:g}": list(
                load.by_seed("activations", "dead/*", activation="relu", norm=norm, lr=lr).values()
            )
            for lr in load.case_values("activations", "lr")
        }
        for norm, title in NORMS.items()
    },
    ylabel="share of dead units",
    number_format="{:.2f}",
)
figures.show(
    ax,
    alt="The share of dead ReLUs after training at three rates, a dot for each seed. Plain: few at 0.1 and"
    " most of them at 1; with batch normalization hardly any at all three rates.",
)

# %% [markdown]
# That is why the plain network does not leave the guess at rate 1. Batch normalization helps for a plain
# reason: it puts the mean of every channel at β, which starts at 0. A unit whose input is centred is
# above 0 for about half of the batch.

# %%
court["dead_neurons_avoided"].judge()

# %% [markdown]
# # Summary
#
# You can now
#
# - expect a first loss of $\ln 10$, and read off who is too loud;
# - derive $\sigma = g/\sqrt n$ from the variance of a sum, with $g = 1/\sqrt{E[\varphi(z)^2]}$, and Xavier's
#   rule from the two directions;
# - say that batch normalization divides the scale of the weights in front of it out of the signal, and not
#   out of the step: for them, $\eta$ and $\sigma^2$ count by their ratio alone;
# - count dead ReLUs, and tell what keeps them alive.
#
# ## Exercises
#
# 1. Derive the gain of the *backward* way, from the slopes: which $g$ keeps the gradients? Compare it with
#    the forward one for each of the five activations. Which of them has the same for both?
#
# <details><summary>Solution</summary>
#
# The gradient is multiplied by $\varphi'(z)$, so that $g = 1/\sqrt{E[\varphi'(z)^2]}$:
# `[(name, float(1 / np.sqrt((phi.slope(z) ** 2).mean()))) for name, phi in FIVE.items()]`. For ReLU and the
# leaky ReLU, which are linear on either side of 0, $\varphi(z)^2 = z^2 \varphi'(z)^2$ and the two agree
# ($\sqrt2$ and 1.41). ELU has 1.22 against 1.25, tanh 1.47 against 1.59, the sigmoid 4.7 against 1.85: no
# deviation serves both of its ways.
# </details>
#
# 2. Give the ten layers a depth of 50, with batch normalization. What is the ratio of the gradients of the
#    first and the last layer, and what does $\sqrt{\pi/(\pi-1)}$ predict?
#
# <details><summary>Solution</summary>
#
# `s = propagate(deep_network(depth=50, normalize=True), X, y)`, then `s["act1"].backward /
# s["act50"].backward`. The prediction is $1.211^{49} \approx 12{,}000$; what is measured with
# 128 units and 256 images is somewhat smaller, between 7,000 and 10,000 for three seeds.
# </details>
#
# ## Where to read on
#
# - Glorot & Bengio 2010, section 4.2; He et al. 2015, arXiv:1502.01852, section 2.2: the two derivations.
# - Mishkin & Matas 2016, *All You Need Is a Good Init*, arXiv:1511.06422: LSUV.
# - Yang et al. 2019, *A Mean Field Theory of Batch Normalization*, arXiv:1902.08129: why its gradients grow.
# - Andrej Karpathy, *Building makemore, Part 3*: the first loss, dead units, gains, on a language model.
# - **Notebook 14** on $\eta/\sigma^2$ through a whole training, where weight decay changes σ, and
#   **notebook 19** on everything else that is checked before and during a training.
