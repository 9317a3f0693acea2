// The chart: uPlot with our colours, a tooltip, and zoom by dragging.

import { x as xText, number } from "./text.js";

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** With more lines, points under the cursor would cost more than they say. */
const MOST_POINTS_SHOWN = 12;

export class Chart {
  /**
   * @param box where it is drawn
   * @param tip shown at the line that is closest to the cursor
   * @param onZoom called with the first and the last x that were chosen, or without to see all
   * @param onCursor called with the index of the cell under the cursor, or null
   */
  constructor(box, tip, onZoom, onCursor) {
    this.box = box;
    this.tip = tip;
    this.onZoom = onZoom;
    this.onCursor = onCursor;
    this.signature = "";
    this.width = box.clientWidth; // known without asking, which may cost a layout
    this.height = box.clientHeight;
    new ResizeObserver(() => this.resize()).observe(box);
  }

  resize() {
    this.width = this.box.clientWidth;
    this.height = this.box.clientHeight;
    this.plot?.setSize({ width: this.width, height: this.height });
  }

  /**
   * Draws.
   *
   * @param data the x of all cells, then for each line its values, and its band's lower and upper end if it has one
   * @param lines label, colour, whether there is a band, whether there is one value alone
   * @param range [first, last] x
   * @param kind "steps" or "seconds"
   */
  draw(data, lines, range, kind) {
    this.lines = lines;
    this.range = range;
    const signature = JSON.stringify([lines, kind, document.documentElement.dataset.theme]);
    if (signature === this.signature) {
      this.plot.setData(data);
      return;
    }
    this.signature = signature;
    this.plot?.destroy();
    this.plot = new uPlot(this.options(lines, kind), data, this.box);
    this.plot.over.addEventListener("dblclick", () => this.onZoom());
    this.plot.over.addEventListener("mouseleave", () => {
      this.tip.hidden = true;
      this.onCursor(null);
    });
  }

  clear() {
    this.plot?.destroy();
    this.plot = undefined;
    this.signature = "";
    this.tip.hidden = true;
  }

  options(lines, kind) {
    const axis = {
      stroke: style("--soft"),
      font: "12px system-ui, sans-serif",
      grid: { stroke: style("--grid"), width: 1 },
      ticks: { stroke: style("--grid"), width: 1, size: 5 },
    };
    const series = [{}];
    const bands = [];
    this.index = []; // of the line of each series
    lines.forEach((line, i) => {
      this.index.push(series.length);
      series.push({
        stroke: line.colour,
        width: lines.length > 40 ? 1 : 2,
        alpha: lines.length > 40 ? 0.75 : 1,
        points: { show: line.single, size: 7, fill: line.colour },
      });
      if (line.band) {
        const bound = { stroke: "transparent", width: 0, points: { show: false } };
        series.push(bound, { ...bound });
        bands.push({ series: [series.length - 1, series.length - 2], fill: line.colour + "2b" });
      }
    });
    return {
      width: this.width,
      height: this.height,
      series,
      bands,
      legend: { show: false },
      focus: { alpha: 0.15 },
      cursor: {
        y: false,
        drag: { x: true, y: false, setScale: false },
        points: lines.length > MOST_POINTS_SHOWN ? { show: false } : this.points(lines),
      },
      scales: { x: { time: false, range: () => this.range } },
      axes: [
        { ...axis, values: (_, splits) => splits.map((value) => xText(value, kind)), space: 60, size: 34 },
        { ...axis, values: (_, splits) => splits.map(number), size: 58 },
      ],
      hooks: {
        setSelect: [(u) => this.select(u)],
        setCursor: [(u) => this.cursor(u, kind)],
      },
    };
  }

  /** Points under the cursor on lines; the ends of bands have none. */
  points(lines) {
    const line = (i) => lines[this.index.indexOf(i)];
    return { size: (_, i) => (line(i) ? 8 : 0), width: 0, fill: (_, i) => line(i)?.colour ?? "transparent", stroke: "transparent" };
  }

  select(u) {
    if (u.select.width < 8) return;
    const first = u.posToVal(u.select.left, "x");
    const last = u.posToVal(u.select.left + u.select.width, "x");
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.onZoom(first, last);
  }

  cursor(u, kind) {
    const { idx, left, top } = u.cursor;
    if (idx === null || idx === undefined || left < 0) {
      this.tip.hidden = true;
      this.onCursor(null);
      return;
    }
    this.onCursor(idx);
    let closest = -1;
    let distance = Infinity;
    this.index.forEach((s, i) => {
      const value = u.data[s][idx];
      if (value === null || value === undefined) return;
      const away = Math.abs(u.valToPos(value, "y") - top);
      if (away < distance) [closest, distance] = [i, away];
    });
    this.tip.hidden = closest < 0;
    if (closest < 0) return;
    const value = u.data[this.index[closest]][idx];
    this.tip.textContent = `${this.lines[closest].label}\n${number(value)} at ${xText(u.data[0][idx], kind)}`;
    const over = u.over;
    const x = over.offsetLeft + left;
    const right = x + 16 + this.tip.offsetWidth > this.width;
    const y = Math.max(0, Math.min(over.offsetTop + top - 12, this.height - this.tip.offsetHeight));
    this.tip.style.transform = `translate(${right ? Math.max(0, x - 12 - this.tip.offsetWidth) : x + 14}px, ${y}px)`;
  }

  /** Makes one line stand out, or none. */
  emphasize(line) {
    if (!this.plot || this.lines.length > 60) return;
    this.plot.setSeries(line === null ? null : this.index[line], { focus: line !== null });
  }
}
