// Small charts over the last minutes. All of them share one cursor, so that one moment can be compared.

import { h, svg, setAttribute, setText } from "./dom.js";
import { span } from "./text.js";

const WIDTH = 300;
const HEIGHT = 100;
const SAMPLES = 300;

const cursor = { time: null, charts: new Set() };

function moveCursor(time) {
  cursor.time = time;
  for (const chart of cursor.charts) chart.drawCursor();
}

/** The next round number that is at least as large; of bytes in memory, a power of two. */
function ceiling(number, binary) {
  if (!(number > 0)) return 1;
  if (binary) return 2 ** Math.ceil(Math.log2(number));
  const power = 10 ** Math.floor(Math.log10(number));
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((step) => step * power >= number * 0.999) * power;
}

/**
 * A card with figures and their course.
 *
 * options: title, series [{key, name, tone, area}], format(value), and maybe logarithmic, binary, least (the smallest top of the scale)
 */
export class Chart {
  constructor(host, options) {
    this.options = options;
    this.samples = [];
    this.figures = options.series.map(() => h("dd"));
    this.when = h("span.when");
    this.note = h("p.card-note");
    this.picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" });
    this.grid = svg("g", { class: "grid" });
    this.lines = options.series.map((series) => ({
      area: series.area ? svg("path", { class: "area " + series.tone }) : null,
      line: svg("path", { class: "line " + series.tone }),
    }));
    this.mark = svg("line", { class: "cursor", y1: 0, y2: HEIGHT, visibility: "hidden" });
    this.picture.append(this.grid, ...this.lines.flatMap(({ area, line }) => (area ? [area, line] : [line])), this.mark);
    this.labels = h("div.scale", { "aria-hidden": "true" });
    this.field = h("div.field", {}, this.picture);
    this.plot = h("div.plot", { tabIndex: 0, role: "img" }, this.field, this.labels);
    host.append(
      h("header.card-head", {}, h("h2", {}, options.title), this.when),
      h(
        "dl.figures",
        {},
        ...options.series.map((series, at) => h("div", {}, h("dt." + series.tone, {}, series.name), this.figures[at])),
      ),
      this.note,
      this.plot,
    );
    this.listen();
    cursor.charts.add(this);
  }

  listen() {
    const point = (event) => {
      const box = this.field.getBoundingClientRect();
      moveCursor(this.end - Math.max(0, 1 - (event.clientX - box.left) / box.width) * SAMPLES * this.step);
    };
    this.plot.addEventListener("pointermove", point);
    this.plot.addEventListener("pointerdown", point);
    this.plot.addEventListener("pointerleave", () => moveCursor(null));
    this.plot.addEventListener("blur", () => moveCursor(null));
    this.plot.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -30, PageDown: 30, Home: -SAMPLES, End: SAMPLES }[event.key];
      if (!steps || !this.samples.length) return;
      event.preventDefault();
      const wanted = (cursor.time ?? this.end) + steps * this.step;
      moveCursor(Math.max(this.samples[0].time, Math.min(this.end, wanted)));
    });
  }

  /** Draws samples; now holds what the figures say while no moment is pointed at. */
  draw(samples, step, now) {
    this.samples = samples;
    this.step = step;
    this.now = now;
    this.end = samples.at(-1)?.time ?? 0;
    const values = samples
      .flatMap((sample) => this.options.series.map((series) => sample[series.key]))
      .filter((value) => value != null);
    this.setScale(values);
    this.options.series.forEach((series, at) => {
      const line = this.course(series.key);
      setAttribute(this.lines[at].line, "d", line.map(({ path }) => path).join(""));
      if (!this.lines[at].area) return;
      setAttribute(
        this.lines[at].area,
        "d",
        line.map(({ path, from, to }) => `${path}L${to} ${HEIGHT}L${from} ${HEIGHT}Z`).join(""),
      );
    });
    this.drawCursor();
  }

  setScale(values) {
    const { logarithmic, binary, least = 1 } = this.options;
    if (logarithmic) {
      const seen = values.filter((value) => value > 0);
      this.low = 10 ** Math.floor(Math.log10(Math.min(...seen, 1e-4)) + 1e-9);
      this.high = Math.max(10 ** Math.ceil(Math.log10(Math.max(...seen, 1e-9)) - 1e-9), this.low * 100);
    } else {
      this.low = 0;
      this.high = Math.max(ceiling(Math.max(0, ...values), binary), least);
    }
    const ticks = [];
    const stride = Math.log10(this.high / Math.max(this.low, 1e-12)) > 4.5 ? 100 : 10;
    if (logarithmic) for (let tick = this.high; tick > this.low * 1.01; tick /= stride) ticks.push(tick);
    else ticks.push(this.high, this.high / 2);
    const key = ticks.join();
    if (key === this.ticks) return;
    this.ticks = key;
    this.grid.replaceChildren(...ticks.map((tick) => svg("line", { x1: 0, x2: WIDTH, y1: this.y(tick), y2: this.y(tick) })));
    this.labels.replaceChildren(
      ...ticks.map((tick) => {
        const label = h("span", {}, this.options.format(tick).replace(/\.0+ /, " "));
        label.style.top = this.y(tick) + "%";
        return label;
      }),
    );
  }

  y(value) {
    const { low, high } = this;
    const part = this.options.logarithmic ? Math.log(Math.max(value, low) / low) / Math.log(high / low) : value / high;
    return +(HEIGHT - part * HEIGHT).toFixed(2);
  }

  x(time) {
    return +(WIDTH - ((this.end - time) / (SAMPLES * this.step)) * WIDTH).toFixed(2);
  }

  /** The strokes of one series: a new one begins after a gap. */
  course(key) {
    const strokes = [];
    let last = null;
    for (const sample of this.samples) {
      const value = sample[key];
      if (value == null) {
        last = null;
        continue;
      }
      const x = this.x(sample.time);
      if (last && sample.time - last.time < 3 * this.step) {
        strokes.at(-1).path += `L${x} ${this.y(value)}`;
        strokes.at(-1).to = x;
      } else {
        // The stroke without length shows a sample that stands alone as a dot.
        strokes.push({ path: `M${x} ${this.y(value)}h0`, from: x, to: x });
      }
      last = sample;
    }
    return strokes;
  }

  drawCursor() {
    const sample = cursor.time == null ? null : this.nearest(cursor.time);
    const { series, format, title } = this.options;
    setAttribute(this.mark, "visibility", sample ? "visible" : "hidden");
    if (sample) for (const end of ["x1", "x2"]) setAttribute(this.mark, end, this.x(sample.time));
    setText(this.when, sample ? span(Math.round(this.end - sample.time)).replace(".0 ", " ") + " ago" : "");
    const shown = sample ?? this.now ?? {};
    series.forEach(({ key }, at) => setText(this.figures[at], shown[key] == null ? "–" : format(shown[key])));
    const spoken = series.map(({ key, name }) => name + " " + (shown[key] == null ? "unknown" : format(shown[key]))).join(", ");
    setAttribute(
      this.plot,
      "aria-label",
      `${title} over the last five minutes. ${sample ? this.when.textContent : "Now"}: ${spoken}. Arrow keys move through time.`,
    );
  }

  nearest(time) {
    let best = null;
    for (const sample of this.samples) if (!best || Math.abs(sample.time - time) < Math.abs(best.time - time)) best = sample;
    return best && Math.abs(best.time - time) <= 2 * this.step ? best : null;
  }

  setNote(text) {
    setText(this.note, text);
  }
}
