// What is computed of curves: no page, no library.

/** A curve's points, as the server sends them: whole, or from an index on. */
export class Curve {
  constructor() {
    this.steps = [];
    this.seconds = [];
    this.values = [];
    this.version = 0;
  }

  take({ from, steps, seconds, values }) {
    if (from === this.values.length && values.length === 0) return;
    for (const [name, added] of [["steps", steps], ["seconds", seconds], ["values", values]]) {
      this[name].length = Math.min(from, this[name].length);
      for (const value of added) this[name].push(value);
    }
    this.version++;
  }

  /** The largest x there is, 0 without points. */
  last(x) {
    const xs = this[x];
    for (let i = xs.length - 1; i >= 0; i--) if (xs[i] !== null) return xs[i];
    return 0;
  }

  /**
   * Values at the middle of cells of equal width from the first x to the last: the mean of the points in a cell, or
   * between two points what a straight line says; NaN before the first point and after the last.
   *
   * @param width of the exponential moving average, in units of x: a point that far back counts for 1/e; 0 for none
   */
  sampled(x, first, last, cells, width) {
    const key = `${this.version} ${x} ${first} ${last} ${cells} ${width}`;
    if (this.key !== key) {
      this.key = key;
      const { xs, ys } = this.finite(x);
      this.cells = resampled(xs, smoothed(xs, ys, width), first, last, cells);
    }
    return this.cells;
  }

  /** The points that have both x and a value. */
  finite(x) {
    const key = `${this.version} ${x}`;
    if (this.finiteKey !== key) {
      this.finiteKey = key;
      const all = this[x].map((_, i) => i).filter((i) => this[x][i] !== null && this.values[i] !== null);
      this.points = { xs: Float64Array.from(all, (i) => this[x][i]), ys: Float64Array.from(all, (i) => this.values[i]) };
    }
    return this.points;
  }
}

let scratch = new Float64Array(1024); // for what is smoothed: many curves are, many times a second

/**
 * The exponential moving average of values. Its weights sum to one from the first point on.
 *
 * @return a view that the next call writes over
 */
export function smoothed(xs, ys, width) {
  if (!(width > 0)) return ys;
  if (scratch.length < ys.length) scratch = new Float64Array(2 * ys.length);
  let sum = 0;
  let weights = 0;
  let apart = NaN;
  let decay = 0; // over that distance, which most points have
  for (let i = 0; i < ys.length; i++) {
    if (i > 0 && xs[i] - xs[i - 1] !== apart) {
      apart = xs[i] - xs[i - 1];
      decay = Math.exp(-apart / width);
    }
    sum = decay * sum + ys[i];
    weights = decay * weights + 1;
    scratch[i] = sum / weights;
  }
  return scratch.subarray(0, ys.length);
}

/** Values at the middle of cells, as of {@link Curve#sampled}. */
export function resampled(xs, ys, first, last, cells) {
  const out = new Float64Array(cells).fill(NaN);
  const width = (last - first) / (cells - 1);
  let i = 0;
  for (let cell = 0; cell < cells; cell++) {
    const middle = first + cell * width;
    while (i < xs.length && xs[i] < middle - width / 2) i++;
    let sum = 0;
    let count = 0;
    while (i < xs.length && xs[i] < middle + width / 2) {
      sum += ys[i++];
      count++;
    }
    if (count > 0) out[cell] = sum / count;
    else if (i > 0 && i < xs.length) {
      out[cell] = ys[i - 1] + ((middle - xs[i - 1]) / (xs[i] - xs[i - 1])) * (ys[i] - ys[i - 1]);
    }
  }
  return out;
}

/** The quantile of ascending values, linear between two of them. */
function quantile(sorted, part) {
  const at = part * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

/** [middle, low, high] of values: the interquartile mean and quartiles, or the mean and a standard deviation around it. */
export function summary(values, kind) {
  const n = values.length;
  if (kind === "mean") {
    const mean = values.reduce((a, b) => a + b, 0) / n;
    const std = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / n);
    return [mean, mean - std, mean + std];
  }
  values.sort((a, b) => a - b);
  const cut = Math.floor(n / 4);
  let sum = 0;
  for (let i = cut; i < n - cut; i++) sum += values[i];
  return [sum / (n - 2 * cut), quantile(values, 0.25), quantile(values, 0.75)];
}

/** Curves of a group, cell by cell, where at least half of those that have any value have one. */
export function together(curves, kind) {
  if (curves.length === 1) {
    return { middle: Array.from(curves[0], (value) => (Number.isNaN(value) ? null : value)) };
  }
  const some = curves.filter((curve) => curve.some((value) => !Number.isNaN(value)));
  const cells = curves.length ? curves[0].length : 0;
  const middle = new Array(cells).fill(null);
  const low = new Array(cells).fill(null);
  const high = new Array(cells).fill(null);
  const values = [];
  for (let cell = 0; cell < cells; cell++) {
    values.length = 0;
    for (const curve of some) if (!Number.isNaN(curve[cell])) values.push(curve[cell]);
    if (values.length > 0 && 2 * values.length >= some.length) {
      [middle[cell], low[cell], high[cell]] = summary(values, kind);
    }
  }
  return { middle, low, high };
}
