// From values to pixels, and the numbers beside an axis.

/** A linear map from [low, high] to pixels [start, end]; `invert` goes back. */
export function linear([low, high], [start, end]) {
  const scale = (value) => start + ((value - low) / (high - low)) * (end - start);
  scale.invert = (pixel) => low + ((pixel - start) / (end - start)) * (high - low);
  return scale;
}

/** About `count` round numbers from `low` to `high`. */
export function ticks(low, high, count = 5) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((nice) => nice * power >= rough * 0.999) * power;
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) {
    found.push(Number((i * step).toPrecision(12)));
  }
  return found;
}

export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/** A number with a true minus sign and so many decimals. */
export function fixed(value, decimals = 2) {
  const text = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** The d of an SVG path through points [x, y]; null breaks the line. */
export function line(points) {
  let pen = "M";
  let path = "";
  for (const point of points) {
    if (point === null) pen = "M";
    else {
      path += `${pen}${point[0].toFixed(1)},${point[1].toFixed(1)}`;
      pen = "L";
    }
  }
  return path;
}
