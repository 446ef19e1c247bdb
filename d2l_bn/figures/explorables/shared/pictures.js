// Small pictures of 14 by 14 pixels of 16 greys, a hexadecimal digit each (pictures.py writes them).

export const SIDE = 14;

/** The pixels, 0 to 1, row by row. */
export const pixels = (text) => [...text].map((digit) => parseInt(digit, 16) / 15);

/** The picture as an address for the href of an SVG image, its brightest pixel white on black. */
export function address(text) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  const context = canvas.getContext("2d");
  const image = context.createImageData(SIDE, SIDE);
  const greys = pixels(text);
  const brightest = Math.max(...greys);
  greys.forEach((grey, i) => image.data.set([...Array(3).fill((255 * grey) / brightest), 255], 4 * i));
  context.putImageData(image, 0, 0);
  return canvas.toDataURL();
}
