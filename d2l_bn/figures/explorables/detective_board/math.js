// How far the suspects are from what was measured.

export const SUSPECTS = ["A", "B", "C"];

/** The mean distance of predictions from what was measured, over the exhibits that are open. */
export function distance(predictions, measured, opened) {
  const open = measured.map((value, i) => [value, i]).filter(([, i]) => opened[i]);
  if (!open.length) return null;
  return open.reduce((sum, [value, i]) => sum + Math.abs(predictions[i] - value), 0) / open.length;
}

/** The suspects whose prediction lies nearest to a measured value; two may be equally near. */
export function nearest(says, value) {
  const off = SUSPECTS.map((suspect) => Math.abs(says[suspect] - value));
  return SUSPECTS.filter((_, i) => off[i] <= Math.min(...off) + 1e-9);
}
