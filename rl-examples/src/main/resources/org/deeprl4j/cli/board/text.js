// Numbers as people read them.

const short = (value, unit) => Number(value.toPrecision(3)).toString() + unit;

/** A metric's value in few characters. */
export function number(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1e9 || (size > 0 && size < 1e-4)) return value.toExponential(1);
  if (size >= 1e6) return short(value / 1e6, "M");
  if (size >= 1e4) return short(value / 1e3, "k");
  return Number(value.toPrecision(4)).toString();
}

/** Environment steps: 500, 20k, 1.5M. */
export function steps(value) {
  return value >= 1e6 ? short(value / 1e6, "M") : value >= 1e3 ? short(value / 1e3, "k") : String(Math.round(value));
}

/** Seconds: 1.5 s, 12 min, 3.2 h. */
export function seconds(value) {
  return value >= 5400 ? short(value / 3600, " h") : value >= 90 ? short(value / 60, " min") : short(value, " s");
}

export const x = (value, kind) => (kind === "steps" ? steps(value) : seconds(value));

export const megabytes = (bytes) => (bytes < 0 ? "" : bytes >= 1e9 ? short(bytes / 1e9, " GB") : short(bytes / 1e6, " MB"));
