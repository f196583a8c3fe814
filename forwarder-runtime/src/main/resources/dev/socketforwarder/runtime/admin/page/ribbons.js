// Ribbons between a column of rows and one bar, as wide as the rates of the rows. All of them flow from left to right.

import { svg, keyed, setAttribute } from "./dom.js";

const BREADTH = 100; // the style sheet stretches the picture to the room that there is
const BAR = 1.5;

const FRAME_MS = 80;
const DASH = 16; // the length of one dash with its gap, in the style sheet

// An animation of the style sheet would paint sixty times a second. Twelve look the same, and leave a machine that shows this all day cool.
const inView = new Set();
const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) inView.add(target);
    else inView.delete(target);
  }
});
const calm = matchMedia("(prefers-reduced-motion: reduce)");
let offset = 0;
setInterval(() => {
  if (document.hidden || calm.matches || document.documentElement.dataset.phase !== "open") return;
  offset = (offset + DASH - 1) % DASH;
  for (const picture of inView) picture.style.strokeDashoffset = offset;
}, FRAME_MS);

/**
 * Draws the ribbons of rows, each with a key and maybe slow. The rows stand in the middle of the height.
 *
 * joins says at which edge of the picture the bar is: "left" or "right"
 */
export function drawRibbons(picture, rows, { height, row: rowHeight, scale, rateOf, joins }) {
  setAttribute(picture, "viewBox", `0 0 ${BREADTH} ${height}`);
  picture.style.height = height + "px";
  const total = rows.reduce((sum, row) => sum + rateOf(row), 0);
  const size = Math.max(total * scale, 3);
  const right = joins === "right";
  picture.bar ??= picture.appendChild(svg("rect", { class: "trunk", x: right ? BREADTH - BAR : 0, width: BAR, rx: 0.5 }));
  if (!picture.ribbons) {
    picture.ribbons = picture.appendChild(svg("g"));
    observer.observe(picture);
  }
  setAttribute(picture.bar, "y", (height - size) / 2);
  setAttribute(picture.bar, "height", size);
  const top = (height - rows.length * rowHeight) / 2;
  let from = (height - total * scale) / 2;
  const laid = rows.map((row, place) => {
    const rate = rateOf(row);
    const width = rate * scale;
    const atBar = { top: from, size: Math.max(width, 0.5) };
    const atRow = { top: top + (place + 0.5) * rowHeight - Math.max(width, 1) / 2, size: Math.max(width, 1) };
    from += width;
    return { row, rate, left: right ? atRow : atBar, right: right ? atBar : atRow };
  });
  const edges = right ? [0, BREADTH - BAR] : [BAR, BREADTH];
  keyed(
    picture.ribbons,
    laid,
    ({ row }) => row.key,
    create,
    (element, ribbon) => update(element, ribbon, edges),
  );
}

function create() {
  return svg("g", {}, svg("path", { class: "ribbon" }), svg("path", { class: "stream" }));
}

function update(element, { row, rate, left, right }, [x0, x1]) {
  const [ribbon, stream] = element.children;
  const middle = (x0 + x1) / 2;
  const curve = (y0, y1) => `M${x0} ${y0}C${middle} ${y0} ${middle} ${y1} ${x1} ${y1}`;
  const below = { left: left.top + left.size, right: right.top + right.size };
  setAttribute(
    ribbon,
    "d",
    curve(left.top, right.top) + `L${x1} ${below.right}C${middle} ${below.right} ${middle} ${below.left} ${x0} ${below.left}Z`,
  );
  setAttribute(stream, "d", curve(left.top + left.size / 2, right.top + right.size / 2));
  setAttribute(element, "class", rate > 0 ? (row.slow ? "slow" : "busy") : row.slow ? "slow still" : "still");
}
