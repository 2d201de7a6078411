// From float32 pixels to colours.

export const STRETCHES = ["asinh", "linear", "log", "zscale"];

const LEVELS = 1024;
const MISSING = [240, 210, 100];
// The ends and the middle of ColorBrewer's RdBu, reversed, as the static pictures have it.
const DIVERGING = [
  [5, 48, 97], [33, 102, 172], [67, 147, 195], [146, 197, 222], [209, 229, 240], [247, 247, 247],
  [253, 219, 199], [244, 165, 130], [214, 96, 77], [178, 24, 43], [103, 0, 31],
];

/** Where a value above its image's level stands between 0 and 1, before contrast and bias. */
export function makeScale(kind, limits) {
  const low = kind === "zscale" ? limits.z_low : limits.low;
  const high = kind === "zscale" ? limits.z_high : limits.high;
  const range = high - low || 1;
  if (kind === "asinh") {
    const soft = limits.softening || 1;
    const start = Math.asinh(low / soft);
    const span = Math.asinh(high / soft) - start || 1;
    return (value) => (Math.asinh(value / soft) - start) / span;
  }
  if (kind === "log") return (value) => Math.log10(1 + 1000 * Math.min(Math.max((value - low) / range, 0), 1)) / Math.log10(1001);
  return (value) => (value - low) / range;
}

/** A table of colours for 0 to 1; contrast and bias as in DS9: 1 and 0.5 change nothing. */
export function makeColours(name, { contrast = 1, bias = 0.5, inverted = false } = {}) {
  const table = new Uint32Array(LEVELS);
  for (let level = 0; level < LEVELS; level += 1) {
    const place = (level / (LEVELS - 1) - bias) * contrast + 0.5;
    const bounded = Math.min(Math.max(place, 0), 1);
    table[level] = pack(name === "diverging" ? mix(bounded) : grey(inverted ? 1 - bounded : bounded));
  }
  return table;
}

/** Colour an image; its first row comes last, at the bottom, as astronomers have it. */
export function colour(pixels, width, height, level, scale, table) {
  const image = new ImageData(width, height);
  const target = new Uint32Array(image.data.buffer);
  const missing = pack(MISSING);
  for (let row = 0; row < height; row += 1) {
    const start = (height - 1 - row) * width;
    for (let column = 0; column < width; column += 1) {
      const value = pixels[row * width + column];
      if (Number.isFinite(value)) {
        const place = Math.round(scale(value - level) * (LEVELS - 1));
        target[start + column] = table[Math.min(Math.max(place, 0), LEVELS - 1)];
      } else target[start + column] = missing;
    }
  }
  return image;
}

function grey(value) {
  const byte = Math.round(255 * value);
  return [byte, byte, byte];
}

function mix(value) {
  const place = value * (DIVERGING.length - 1);
  const below = Math.min(Math.floor(place), DIVERGING.length - 2);
  return DIVERGING[below].map((part, i) => Math.round(part + (place - below) * (DIVERGING[below + 1][i] - part)));
}

function pack([red, green, blue]) {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}
