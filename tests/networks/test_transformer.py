"""The transformer: its parts by hand, what a token's scores depend on, gradients, refusals."""

import numpy
import pytest
from mxnet import autograd, init, np, npx

from d2l_bn.diagnostics.network_gradient_check import check_network
from d2l_bn.networks.transformer import Attention, TokenBatchNorm, Transformer, TransformerBlock
from d2l_bn.norms.batch import batch_norm

TOKENS = np.array(numpy.random.RandomState(0).randint(0, 12, (4, 9)))


def network(norm="layer", place="pre", seed=0, **options):
    npx.random.seed(seed)
    net = Transformer(12, 9, features=8, heads=2, depth=2, norm=norm, place=place, **options)
    net.initialize(init.Xavier())
    return net


def attention_by_hand(attention, X):
    """One loop for each sequence, head and token."""
    weights = {
        name: (layer.weight.data().asnumpy(), layer.bias.data().asnumpy())
        for name, layer in attention._children.items()
    }
    X = X.asnumpy().astype("float64")
    Q, K, V = (X @ weights[n][0].T + weights[n][1] for n in ("query", "key", "value"))
    taken = numpy.zeros_like(X)
    d = X.shape[2] // attention.heads
    for n, t in numpy.ndindex(X.shape[:2]):
        for head in range(attention.heads):
            of = slice(head * d, (head + 1) * d)
            scores = K[n, : t + 1, of] @ Q[n, t, of] / d**0.5
            shares = numpy.exp(scores - scores.max())
            taken[n, t, of] = shares / shares.sum() @ V[n, : t + 1, of]
    return taken @ weights["output"][0].T + weights["output"][1]


def test_attention_by_hand():
    npx.random.seed(1)
    attention = Attention(6, heads=3)
    attention.initialize(init.Normal(0.7))
    X = np.random.normal(size=(2, 5, 6))
    expected = attention_by_hand(attention, X)
    numpy.testing.assert_allclose(attention(X).asnumpy(), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("place", ["pre", "post"])
def test_a_block_is_its_equation(place):
    npx.random.seed(2)
    block = TransformerBlock(8, heads=2, norm="rms", place=place)
    block.initialize(init.Xavier())
    X = np.random.normal(size=(2, 5, 8))
    if place == "pre":
        Y = X + block.attention(block.norm1(X))
        Y = Y + block.dense(block.norm2(Y))
    else:
        Y = block.norm1(X + block.attention(X))
        Y = block.norm2(Y + block.dense(Y))
    numpy.testing.assert_allclose(block(X).asnumpy(), Y.asnumpy(), rtol=1e-5)


def test_batch_normalization_of_tokens_is_that_of_their_rows():
    layer = TokenBatchNorm(3)
    layer.initialize()
    X, one, zero = np.random.normal(2, 3, size=(4, 5, 3)), np.ones((1, 3)), np.zeros((1, 3))
    with autograd.train_mode():
        Y = layer(X)
        expected, mean, _ = batch_norm(X.reshape(20, 3), one, zero, zero, one)
    numpy.testing.assert_allclose(Y.reshape(20, 3).asnumpy(), expected.asnumpy(), atol=1e-5)
    numpy.testing.assert_allclose(layer.moving_mean.data().asnumpy(), mean.asnumpy(), rtol=1e-5)


def changed(net, mode):
    """Where the scores change if the last token of the first sequence does, (N, T)."""
    other = TOKENS.copy()
    other[0, -1] = (other[0, -1] + 1) % 12
    with mode():
        before, after = net(TOKENS), net(other)
    return (np.abs(before - after).max(axis=2) > 1e-6).asnumpy()


@pytest.mark.parametrize("norm", ["layer", "rms", "batch", None])
@pytest.mark.parametrize("place", ["pre", "post"])
@pytest.mark.parametrize("mode", [autograd.train_mode, autograd.predict_mode])
def test_only_batch_statistics_look_ahead(norm, place, mode):
    where = changed(network(norm, place), mode)
    assert where[0, -1]
    if norm == "batch" and mode is autograd.train_mode:
        assert where.all()  # earlier tokens, and other sequences
    else:
        assert where.sum() == 1


@pytest.mark.parametrize("norm, place", [("layer", "post"), ("rms", "pre"), ("batch", "pre")])
def test_gradients_by_central_differences(norm, place):
    npx.random.seed(0)
    net = Transformer(5, 4, features=4, heads=2, depth=1, norm=norm, place=place)
    net.initialize(init.Normal(0.5))
    net.cast("float64")
    tokens = np.array([[0, 1, 2, 3], [4, 2, 0, 1]], dtype="float64")
    report = check_network(net, tokens, np.array([[1, 2, 3, 4], [2, 0, 1, 3]]), tolerance=1e-5)
    assert report.ok, report


def test_without_blocks_after_it_pre_has_a_norm_and_post_has_none():
    assert len(list(network("layer", "pre").norm.collect_params())) == 2
    assert not list(network("layer", "post").norm.collect_params())
    assert not any("norm" in name for name in network(None).collect_params())


def test_the_place_of_a_token_matters():
    same = np.ones((1, 2))
    scores = network()(same)
    assert np.abs(scores[0, 0] - scores[0, 1]).max() > 1e-3


def test_the_same_seed_gives_the_same_scores():
    assert (network(seed=3)(TOKENS) == network(seed=3)(TOKENS)).all()
    assert (network(seed=3)(TOKENS) != network(seed=4)(TOKENS)).any()


def test_what_is_refused():
    with pytest.raises(ValueError, match="heads is 3; expected a divisor of the features, 8"):
        Attention(8, heads=3)
    with pytest.raises(ValueError, match="norm"):
        Transformer(12, 9, norm="groups")
    with pytest.raises(ValueError, match="place"):
        Transformer(12, 9, place="middle")
    with pytest.raises(ValueError, match="at most 9 in a sequence"):
        network()(np.zeros((2, 10)))
    with pytest.raises(ValueError, match="sequences of tokens"):
        network()(np.zeros((2, 3, 4)))
