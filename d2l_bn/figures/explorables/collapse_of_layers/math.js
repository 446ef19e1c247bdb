// How far a shirt and a boot are from each other after a layer, and where the dots are drawn.

export const EACH = 12; // shirts, then as many boots

/** The distance of a shirt and a boot (from 0) after a layer, in the units of one output. */
export const apart = (layer, shirt, boot) => 10 ** -layer.apart[shirt * EACH + boot];

/** The distance of a typical pair: the geometric mean of all. */
export const typical = (layer) => 10 ** (-layer.apart.reduce((sum, x) => sum + x, 0) / layer.apart.length);

/** In which digit after the point two numbers differ that are this far apart. */
export const digit = (distance) => Math.max(1, Math.ceil(-Math.log10(distance)));

/** How much a layer must be magnified to look as large as the images do. */
export const magnification = (layers, at) => 10 ** (layers[0].scale - layers[at].scale);

/** The dots of a layer, true to scale or magnified. */
export function places(layers, at, magnify) {
  const size = 10 ** layers[magnify ? 0 : at].scale;
  return layers[at].points.map(([x, y]) => [x * size, y * size]);
}

/** By what factor one layer changes the typical distance, on average from the images to layer `at`. */
export const factor = (layers, at) => (typical(layers[at]) / typical(layers[0])) ** (1 / at);

/** The share of dots on their own kind's side of the middle between the two kinds. */
export function sorted(points) {
  const mean = (some) => some.reduce((sum, [x]) => sum + x, 0) / some.length;
  const [shirts, boots] = [points.slice(0, EACH), points.slice(EACH)];
  const middle = (mean(shirts) + mean(boots)) / 2;
  const right = shirts.filter(([x]) => x < middle).length + boots.filter(([x]) => x > middle).length;
  return right / points.length;
}

/** A small number with two digits that count: 0.00012. */
export const short = (x) => x.toFixed(Math.max(2, Math.ceil(-Math.log10(x)) + 1));
