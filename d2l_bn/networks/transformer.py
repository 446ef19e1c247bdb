r"""A small transformer that reads from left to right, with its normalizer in one of two places.

Source: Vaswani et al. 2017, *Attention Is All You Need*, arXiv:1706.03762, sections 3.1 and 3.2;
for the two places Xiong et al. 2020, *On Layer Normalization in the Transformer Architecture*,
arXiv:2002.04745, section 3.1 and figure 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mxnet import np, npx
from mxnet.gluon import nn

from d2l_bn._support.arguments import check_choice, check_count
from d2l_bn.norms.batch import BatchNorm
from d2l_bn.norms.checks import check_array, check_rank
from d2l_bn.norms.elementwise_layer import ElementwiseLayerNorm
from d2l_bn.norms.rms import RMSNorm

__all__ = ["NORMS", "PLACES", "Attention", "TokenBatchNorm", "Transformer", "TransformerBlock"]

PLACES = ("pre", "post")
HIDDEN = -1e9  # a score that the softmax turns into 0


class TokenBatchNorm(BatchNorm):
    r"""Batch normalization of tokens, (N, T, C): each feature over all sequences and all places.

    >>> layer = TokenBatchNorm(2)
    >>> layer.initialize()
    >>> layer(np.ones((4, 3, 2))).shape
    (4, 3, 2)
    """

    def __init__(self, num_features: int, **options: Any) -> None:
        super().__init__(num_features, num_dims=2, **options)

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Normalize ``X``; in training mode also move the averages."""
        check_array("X", X)
        return super().forward(X.reshape(-1, X.shape[-1])).reshape(X.shape)


#: From a name to what makes the layer for C features; all take (N, T, C).
NORMS: dict[str | None, Callable[[int], nn.Block]] = {
    "layer": ElementwiseLayerNorm,
    "rms": RMSNorm,
    "batch": TokenBatchNorm,
    None: lambda features: nn.Sequential(),  # of nothing: what comes in goes out
}


class Attention(nn.Block):
    r"""Causal attention with several heads: each token takes from itself and those before it.

    .. math:: \mathrm{softmax}\Bigl(\frac{Q K^\top}{\sqrt{d}} + M\Bigr) V, \qquad
              M_{ts} = 0 \text{ for } s \le t, \; -\infty \text{ for } s > t

    for each head of :math:`d = C / \text{heads}` features, and a linear layer behind them.

    Arguments:
        features: C.
        heads: a divisor of C.

    Raises:
        ValueError: ``heads`` does not divide ``features``.

    >>> attention = Attention(8, heads=2)
    >>> attention.initialize()
    >>> attention(np.ones((4, 3, 8))).shape
    (4, 3, 8)
    """

    def __init__(self, features: int, heads: int, **kwargs: Any) -> None:
        check_count("features", features, "the features of a token")
        check_count("heads", heads, "the heads of the attention")
        if features % heads:
            raise ValueError(f"heads is {heads}; expected a divisor of the features, {features}")
        super().__init__(**kwargs)
        self.heads = heads
        with self.name_scope():
            for name in ("query", "key", "value", "output"):
                setattr(self, name, _linear(features, features))

    def forward(self, X: np.ndarray) -> np.ndarray:
        """(N, T, C) to (N, T, C)."""
        Q, K, V = (self._split(layer(X)) for layer in (self.query, self.key, self.value))
        scores = npx.batch_dot(Q, K, transpose_b=True) / Q.shape[-1] ** 0.5  # (N heads, T, T)
        before = np.tril(np.ones(scores.shape[1:], ctx=X.ctx, dtype=X.dtype))
        taken = npx.batch_dot(npx.softmax(scores + (1 - before) * HIDDEN, axis=-1), V)
        taken = taken.reshape(len(X), self.heads, X.shape[1], -1)
        return self.output(taken.transpose(0, 2, 1, 3).reshape(X.shape))

    def _split(self, X: np.ndarray) -> np.ndarray:
        """(N, T, C) to (N heads, T, d)."""
        N, T, C = X.shape
        by_head = X.reshape(N, T, self.heads, C // self.heads).transpose(0, 2, 1, 3)
        return by_head.reshape(N * self.heads, T, C // self.heads)


class TransformerBlock(nn.Block):
    r"""Attention and two dense layers, each beside a short cut and with a normalizer.

    .. math:: x \leftarrow x + f(\mathrm{norm}(x)) \quad\text{(pre)}, \qquad
              x \leftarrow \mathrm{norm}(x + f(x)) \quad\text{(post)}

    Arguments:
        features, heads: of :class:`Attention`.
        norm: a name of :data:`NORMS`.
        place: ``'pre'`` or ``'post'``.

    Raises:
        ValueError: another norm or place.

    >>> block = TransformerBlock(8, heads=2, norm="rms", place="pre")
    >>> block.initialize()
    >>> block(np.ones((4, 3, 8))).shape
    (4, 3, 8)
    """

    def __init__(
        self, features: int, heads: int, norm: str | None, place: str, **kwargs: Any
    ) -> None:
        check_choice("norm", norm, NORMS)
        check_choice("place", place, PLACES)
        super().__init__(**kwargs)
        self.place = place
        with self.name_scope():
            self.norm1 = NORMS[norm](features)
            self.attention = Attention(features, heads)
            self.norm2 = NORMS[norm](features)
            self.dense = nn.Sequential()
            self.dense.add(_linear(4 * features, features, "relu"), _linear(features, 4 * features))

    def forward(self, X: np.ndarray) -> np.ndarray:
        """(N, T, C) to (N, T, C)."""
        if self.place == "pre":
            X = X + self.attention(self.norm1(X))
            return X + self.dense(self.norm2(X))
        X = self.norm1(X + self.attention(X))
        return self.norm2(X + self.dense(X))


class Transformer(nn.Block):
    r"""Scores of the next token, at each token: an embedding, blocks, and a linear layer.

    With the normalizer in front of the parts (``'pre'``), the sum that the short cuts carry is
    normalized once more, behind the last block.

    Arguments:
        vocabulary: the number of tokens that there are.
        length: T, the longest sequence; each place has a vector of its own.
        features, heads, norm, place: of the blocks (:class:`TransformerBlock`).
        depth: blocks.

    Raises:
        ValueError: an argument out of range; in ``forward``, longer sequences.

    >>> net = Transformer(vocabulary=12, length=16)
    >>> net.initialize()
    >>> net(np.zeros((4, 10))).shape
    (4, 10, 12)
    """

    def __init__(
        self,
        vocabulary: int,
        length: int,
        features: int = 32,
        heads: int = 2,
        depth: int = 2,
        norm: str | None = "layer",
        place: str = "pre",
        **kwargs: Any,
    ) -> None:
        check_count("vocabulary", vocabulary, "the tokens that there are")
        check_count("length", length, "the tokens of the longest sequence")
        check_count("depth", depth, "the blocks")
        check_choice("norm", norm, NORMS)
        check_choice("place", place, PLACES)
        super().__init__(**kwargs)
        self.length = length
        with self.name_scope():
            self.token = nn.Embedding(vocabulary, features)
            self.position = nn.Embedding(length, features)
            self.blocks = nn.Sequential()
            for _ in range(depth):
                self.blocks.add(TransformerBlock(features, heads, norm, place))
            self.norm = NORMS[norm](features) if place == "pre" else nn.Sequential()
            self.output = _linear(vocabulary, features)

    def forward(self, tokens: np.ndarray) -> np.ndarray:
        """Scores (N, T, vocabulary) of tokens (N, T)."""
        if not isinstance(tokens, np.ndarray):
            check_array("tokens", tokens)
        check_rank("tokens", tokens, {2: "(N, T), sequences of tokens"})
        if tokens.shape[1] > self.length:
            raise ValueError(
                f"tokens has shape {tokens.shape}; expected at most {self.length} in a sequence"
            )
        places = np.arange(tokens.shape[1], ctx=tokens.ctx)
        return self.output(self.norm(self.blocks(self.token(tokens) + self.position(places))))


def _linear(outputs: int, inputs: int, activation: str | None = None) -> nn.Dense:
    return nn.Dense(outputs, activation, flatten=False, in_units=inputs)
