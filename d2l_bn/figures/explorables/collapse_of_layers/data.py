r"""Shirts and boots on their way through two untrained networks of eight sigmoid layers."""

from __future__ import annotations

import numpy

from .. import pictures

BATCH, SHOWN, DEPTH, WIDTH = 1000, 12, 8, 64  # images in the batch, and of each kind that are shown
SHIRT, BOOT = 6, 9  # classes
STILL = {"layer": 8}  # of what there is a picture where no scripts run


def build() -> dict:
    r"""Small ``pictures`` of the garments, and for each network and layer where they are.

    A layer's ``points`` (24, 2) are in units of ``10 ** scale``: across, along the line through the
    means of all shirts and all boots of the batch; up, where those shown differ most besides.
    ``apart`` (144) is -log10 of the distance of each shirt and boot, in all 64 outputs.
    """
    from d2l_bn.data.garments import garments

    images, labels = garments(BATCH)  # the same on every machine
    shown = numpy.concatenate([numpy.flatnonzero(labels == c)[:SHOWN] for c in (SHIRT, BOOT)])
    return {
        "pictures": [pictures.small(image) for image in images[shown]],
        "networks": {
            "plain": _layers(outputs(images, normalize=False), labels, shown),
            "batch": _layers(outputs(images, normalize=True), labels, shown),
        },
    }


def outputs(images: numpy.ndarray, normalize: bool) -> list[numpy.ndarray]:
    """The images, and what each layer makes of them, in training mode: nine of (images, units)."""
    import mxnet as mx

    from d2l_bn.diagnostics.signal_propagation import propagate
    from d2l_bn.networks.deep_network import deep_network

    mx.random.seed(0)
    net = deep_network(DEPTH, WIDTH, activation="sigmoid", rule="xavier", normalize=normalize)
    net.cast("float64")  # the differences must not drown in rounding
    pixels = images.reshape(len(images), -1) / 255
    X = mx.np.array(pixels, dtype="float64")
    signals = propagate(net, X, mx.np.zeros(len(images)))
    return [pixels, *(signals[f"act{number}"].outputs for number in range(1, DEPTH + 1))]


def _layers(seen: list[numpy.ndarray], labels: numpy.ndarray, shown: numpy.ndarray) -> list[dict]:
    found, before = [], None
    for H in seen:
        H = H / numpy.sqrt(H.shape[1])  # so that distances are those of a typical unit
        points = _plane(H, labels, shown)
        if before is not None and points[:, 1] @ before[:, 1] < 0:
            points[:, 1] *= -1  # the dots are not turned upside down from layer to layer
        before = points
        scale = numpy.log10(numpy.sqrt(numpy.square(points).sum(axis=1).mean()))
        shirts, boots = H[shown[:SHOWN]], H[shown[SHOWN:]]
        apart = numpy.linalg.norm(shirts[:, None] - boots[None], axis=2)  # (12, 12)
        found.append(
            {
                "scale": round(float(scale), 4),
                "points": (points / 10**scale).round(3).tolist(),
                "apart": (-numpy.log10(apart)).round(3).reshape(-1).tolist(),
            }
        )
    return found


def _plane(H: numpy.ndarray, labels: numpy.ndarray, shown: numpy.ndarray) -> numpy.ndarray:
    """Where the shown garments are in the plane of the figure: (24, 2)."""
    across = H[labels == BOOT].mean(axis=0) - H[labels == SHIRT].mean(axis=0)
    across /= numpy.linalg.norm(across)
    centred = H[shown] - H[shown].mean(axis=0)
    rest = centred - numpy.outer(centred @ across, across)
    up = numpy.linalg.svd(rest, full_matrices=False)[2][0]
    up *= numpy.sign(rest[0] @ up)  # of the two signs always the same
    return numpy.stack([centred @ across, centred @ up], axis=1)
