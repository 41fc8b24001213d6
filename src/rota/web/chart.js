// Lines over time, drawn by uPlot (vendor/uplot.js), in the page's own colours.

import { h } from "./dom.js";
import uPlot from "./vendor/uplot.js";

const HEIGHT = 130;
const charts = new Set();

// What is drawn on a canvas stays in its colours until it is drawn again.
const redraw = () => charts.forEach((chart) => chart.plot?.redraw());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
window.addEventListener("themechange", redraw);

const two = (n) => String(n).padStart(2, "0");

// Seconds since the epoch, in the reader's zone: a day, or a time as exact as *step* needs.
function clock(seconds, step) {
  const at = new Date(1000 * seconds);
  if (step >= 86400) return `${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  return step < 60 ? `${time}:${two(at.getSeconds())}` : time;
}

/** A chart: *series* are {name, colour (a CSS variable), show (value → text)}; data as uPlot's. */
export class Chart {
  constructor({ title, series, ceiling = null, step = false }) {
    Object.assign(this, { title, series, ceiling, step });
    this.plot = null;
    this.place = h("figure", { class: "chart", "aria-label": title }, h("figcaption", {}, title));
    this.watch = new ResizeObserver(() => this.plot?.setSize({ width: this.width, height: HEIGHT }));
    this.watch.observe(this.place);
    charts.add(this);
  }

  get width() {
    return Math.max(200, this.place.clientWidth);
  }

  /** Show *data*: [seconds since the epoch …, values of the first series …, …]. */
  set(data) {
    if (this.plot) this.plot.setData(data);
    else this.plot = new uPlot(this.options(), data, this.place);
  }

  /** Let it go. */
  stop() {
    this.watch.disconnect();
    charts.delete(this);
    this.plot?.destroy();
  }

  // A canvas knows no variables: an element is asked what the colour comes to, here and now.
  colour(name, part = 1) {
    this.probe ||= this.place.appendChild(h("i", { hidden: true }));
    this.probe.style.color = `var(${name})`;
    const [r, g, b] = getComputedStyle(this.probe).color.match(/[\d.]+/g);
    return `rgba(${r}, ${g}, ${b}, ${part})`;
  }

  options() {
    const ink = () => this.colour("--soft");
    const line = () => this.colour("--line");
    const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: "11px system-ui" };
    const show = this.series[0].show;
    const paths = this.step ? uPlot.paths.stepped({ align: 1 }) : undefined;
    const top = (min, max) => [0, Math.max(this.ceiling || 0, max * 1.1, 1e-9)];
    return {
      width: this.width,
      height: HEIGHT,
      legend: { live: true },
      cursor: { points: { size: 5 } },
      scales: { y: { range: (_, min, max) => top(min, max) } },
      axes: [{ ...axis, space: 70, size: 28, values: (_, ticks, __, ___, step) => ticks.map((tick) => clock(tick, step)) }, { ...axis, size: 64, values: (_, ticks) => ticks.map((tick) => show(tick)) }],
      series: [{ label: "at", value: (_, at) => (at === null ? "" : clock(at, 1)) }, ...this.series.map(({ name, colour, show: said, dash }) => ({
        label: name,
        stroke: () => this.colour(colour),
        fill: dash ? undefined : () => this.colour(colour, 0.12),
        width: 1.5,
        dash,
        points: { show: false },
        paths,
        value: (_, value) => (value === null || value === undefined ? "" : said(value)),
      }))],
    };
  }
}
