r"""Drawn garments: a stand-in for Fashion-MNIST that needs no file and no network.

Every picture is painted from convex polygons on the 28 by 28 grid, one list per class. The corners
move a little, the whole garment is scaled, sheared, mirrored and shifted, and the cloth gets a
brightness, stripes and grain. **These are not photographs:** an accuracy reached here says nothing
about Fashion-MNIST.

Only integers, uniform numbers, ``+ - * /`` and ``sqrt`` are used, each one its own NumPy call: such
results are the same, bit for bit, on every machine, which is not true of ``sin``, ``exp`` or a
matrix product.
"""

from __future__ import annotations

import numpy as np

SIDE = 28
CHUNK = (
    1000  # pictures drawn from one generator: the first n pictures do not depend on how many follow
)


def _part(shade, *corners):
    """One polygon, corners clockwise as (x, y), y downwards; shade 0 cuts a hole."""
    return [(shade, np.array(corners, dtype=np.float32))]


def _pair(shade, *corners):
    """A polygon of the left half and its mirror image."""
    left = np.array(corners, dtype=np.float32)
    right = left[::-1] * np.float32([-1, 1]) + np.float32([SIDE, 0])
    return [(shade, left), (shade, right)]


_NECK = _part(0.0, (11, 2), (17, 2), (15.5, 6), (12.5, 6))
_LONG_SLEEVES = _pair(0.85, (8.5, 4), (10, 9), (6, 24), (2.5, 23.5), (5, 7))
_GARMENTS = [
    # t-shirt: a body and short sleeves
    _part(0.9, (8, 4), (20, 4), (19.5, 25), (8.5, 25))
    + _pair(0.85, (8.5, 4), (9, 11), (5.5, 13.5), (2, 10))
    + _NECK,
    # trouser: two legs and a waistband
    _pair(0.9, (8.5, 3), (14.3, 3), (13.2, 26), (8.5, 26))
    + _part(0.7, (8, 2), (20, 2), (20, 5), (8, 5)),
    # pullover: a body, long sleeves and a ribbed hem
    _part(0.9, (8, 4), (20, 4), (20, 23), (8, 23))
    + _LONG_SLEEVES
    + _part(0.65, (8.5, 22), (19.5, 22), (19.5, 25), (8.5, 25))
    + _NECK,
    # dress: a narrow top and a wide skirt
    _part(0.9, (10, 2), (18, 2), (16.8, 11), (11.2, 11))
    + _part(0.85, (11, 10), (17, 10), (20.5, 26), (7.5, 26))
    + _part(0.0, (12, 1), (16, 1), (14, 6)),
    # coat: long, with long sleeves and an opening from top to bottom
    _part(0.85, (8, 3), (20, 3), (20.5, 26), (7.5, 26))
    + _LONG_SLEEVES
    + _part(0.25, (13.3, 5), (14.7, 5), (14.7, 26.5), (13.3, 26.5))
    + _pair(1.0, (10, 2), (13.5, 8), (11.5, 9), (9, 4)),
    # sandal: a thin sole and straps with air between them
    _part(0.8, (3, 20), (25, 17), (25.5, 20), (3, 23))
    + _part(0.95, (4.5, 21), (7, 14), (10, 13), (8.5, 21))
    + _part(0.95, (12, 20), (16.5, 11), (18.5, 11), (15.5, 20))
    + _part(0.95, (16, 12.5), (24, 9.5), (24.5, 11.5), (16.5, 14.5))
    + _part(0.95, (22.5, 10), (24.5, 10), (25.5, 18), (23, 18)),
    # shirt: a body, half-long sleeves, a collar and a row of buttons
    _part(0.9, (8, 4), (20, 4), (19.5, 25.5), (8.5, 25.5))
    + _pair(0.8, (8.5, 4), (9.5, 10), (6, 18), (2.5, 16.5), (4, 8))
    + _pair(1.0, (10, 2.5), (14, 6), (11.5, 8.5))
    + _part(0.55, (13.6, 7), (14.4, 7), (14.4, 25), (13.6, 25)),
    # sneaker: low, with a bright sole
    _part(0.7, (2.5, 16), (7, 13.5), (16, 9), (24, 8), (25, 20), (2.5, 20))
    + _part(0.0, (8, 9), (17, 7.5), (12.5, 12.5), (8, 13.5))
    + _part(1.0, (2.5, 19), (25.5, 18), (25.5, 21), (2.5, 21.5))
    + _part(0.3, (11, 14.5), (16, 10.5), (17.5, 11.5), (13, 16)),
    # bag: a box under a handle
    _part(0.7, (8.5, 10), (10.5, 4), (17.5, 4), (19.5, 10))
    + _part(0.0, (10.3, 10), (11.8, 6), (16.2, 6), (17.7, 10))
    + _part(0.9, (4, 10), (24, 10), (24.5, 24), (3.5, 24))
    + _part(0.6, (4, 12.5), (24, 12.5), (24, 14), (4, 14)),
    # ankle boot: a shaft, a foot and a heel
    _part(0.85, (13.5, 3), (23.5, 3), (24.5, 21), (12.5, 21))
    + _part(0.85, (3, 17.5), (13, 12.5), (16, 13), (16, 21.5), (3, 21.5))
    + _part(0.6, (3, 21), (24.5, 21), (24.5, 23), (3, 23))
    + _part(0.6, (18.5, 21), (24.5, 21), (24.5, 24.5), (19.5, 24.5)),
]


def garments(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    r"""Draw garments of ten classes, the same ones on every machine.

    The order is random and the classes are equally frequent in every thousand. The first pictures
    of a longer draw with the same seed are those of a shorter one.

    Arguments:
        count: number of pictures, at least 1.
        seed: an integer of at least 0; other seeds give other pictures of the same kind.

    Returns:
        images ``(count, 28, 28)`` and labels ``(count,)``, both uint8.

    >>> images, labels = garments(100)
    >>> images.shape, images.dtype, int(labels.max())
    ((100, 28, 28), dtype('uint8'), 9)
    """
    images = np.empty((count, SIDE, SIDE), dtype=np.uint8)
    labels = np.empty(count, dtype=np.uint8)
    for start in range(0, count, CHUNK):
        rng = np.random.default_rng([seed, start])
        order = rng.permutation(CHUNK)[: count - start]
        each = CHUNK // len(_GARMENTS)
        drawn = np.concatenate([_draw(parts, each, rng) for parts in _GARMENTS])
        images[start : start + CHUNK] = drawn[order]
        labels[start : start + CHUNK] = order // each
    return images, labels


def _draw(parts, count: int, rng: np.random.Generator) -> np.ndarray:
    """Paint `count` variants of one garment: (count, 28, 28) uint8."""
    place = _placement(count, rng)
    canvas = np.zeros((count, SIDE, SIDE), dtype=np.float32)
    for shade, corners in parts:
        moved = corners + _uniform(rng, -1.0, 1.0, (count, *corners.shape))
        _paint(canvas, place(moved), shade)
    return _cloth(canvas, rng)


def _placement(count: int, rng: np.random.Generator):
    """A random affine map of the plane for each picture, about the centre of the grid."""
    centre = np.float32(SIDE / 2)
    side = 1 - 2 * rng.integers(0, 2, (count, 1)).astype(np.float32)  # -1 mirrors
    width, height = _uniform(rng, 0.7, 1.05, (2, count, 1))
    shear_x, shear_y = _uniform(rng, -0.15, 0.15, (2, count, 1))
    shift_x, shift_y = _uniform(rng, -2.5, 2.5, (2, count, 1))

    def place(corners):
        x, y = corners[..., 0] - centre, corners[..., 1] - centre
        across = side * (width * x + shear_x * y) + (centre + shift_x)
        down = height * y + shear_y * x + (centre + shift_y)
        return across, down, side

    return place


def _paint(canvas: np.ndarray, placed, shade: float) -> None:
    """Lay convex polygons over the canvas, their edges softened over one pixel."""
    x, y, side = placed
    dx, dy = np.roll(x, -1, axis=1) - x, np.roll(y, -1, axis=1) - y
    length = side * np.sqrt(dx * dx + dy * dy)
    normal_x, normal_y = -dy / length, dx / length
    pixel = np.arange(SIDE, dtype=np.float32) + np.float32(0.5)
    columns = normal_x[..., None] * (pixel - x[..., None])  # (count, edges, 28)
    rows = normal_y[..., None] * (pixel - y[..., None])
    rows += np.float32(0.5)  # depth inside the nearest edge, plus half a pixel
    depth = rows[:, 0, :, None] + columns[:, 0, None, :]
    for edge in range(1, x.shape[1]):
        np.minimum(depth, rows[:, edge, :, None] + columns[:, edge, None, :], out=depth)
    cover = np.clip(depth, 0, 1, out=depth)
    canvas += cover * (np.float32(shade) - canvas)


def _cloth(canvas: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Give each garment a brightness, stripes and grain; the background stays 0."""
    count = len(canvas)
    canvas *= _uniform(rng, 0.5, 1.0, (count, 1, 1))
    for axis_shape in ((count, SIDE, 1), (count, 1, SIDE)):
        strength = _uniform(rng, 0.0, 0.4, (count, 1, 1))
        canvas *= 1 - strength * rng.random(axis_shape, dtype=np.float32)
    canvas *= 1 - np.float32(0.2) * rng.random(canvas.shape, dtype=np.float32)
    return (canvas * np.float32(255)).astype(np.uint8)


def _uniform(rng: np.random.Generator, low: float, high: float, shape) -> np.ndarray:
    """Uniform float32 numbers, without `rng.uniform`, whose rounding differs between machines."""
    return np.float32(low) + np.float32(high - low) * rng.random(shape, dtype=np.float32)
