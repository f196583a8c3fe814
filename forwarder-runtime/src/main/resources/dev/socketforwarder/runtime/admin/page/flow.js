// The picture of the busiest groups: what senders put in on the left, what members receive on the right, all to one scale.

import { h, byId, keyed, parts, setAttribute, setText } from "./dom.js";
import { many, rate, showPeerText } from "./text.js";
import { groupKey, groupLink } from "./route.js";
import { drawRibbons } from "./ribbons.js";

const MOST_GROUPS = 8;
const ROW = 56; // the height of a row in the style sheet
const WIDEST = 44;

/** Draws the groups of the newest event. The first are the busiest; the others share the last row. */
export function drawFlow({ status, groups }) {
  const rows = groups.groups
    .slice(0, MOST_GROUPS)
    .map((group) => ({ ...group, key: groupKey(group), slow: slowIn(status, group) }));
  const rest = groups.total - rows.length;
  if (rest > 0) rows.push(restOf(status, rows, rest));
  const height = rows.length * ROW;
  const totalIn = sum(rows, (row) => row.rates.bytesIn);
  const totalOut = sum(rows, (row) => row.rates.bytesOut);
  const most = Math.max(...rows.flatMap((row) => [row.rates.bytesIn, row.rates.bytesOut]), 1e-9);
  const scale = Math.min((height - 16) / Math.max(totalIn, totalOut, 1e-9), WIDEST / most);
  const frame = { height, row: ROW, scale };
  drawRibbons(byId("flow-in"), rows, { ...frame, rateOf: (row) => row.rates.bytesIn, joins: "left" });
  drawRibbons(byId("flow-out"), rows, { ...frame, rateOf: (row) => row.rates.bytesOut, joins: "right" });
  setText(
    byId("flow-note"),
    totalIn > 0
      ? "One scale for all · a byte goes to " + shortly(totalOut / totalIn) + " on average"
      : "Nothing is sent at the moment",
  );
  setText(byId("flow-total-in"), rate(totalIn));
  setText(byId("flow-total-out"), rate(totalOut));
  keyed(
    byId("flow-rows"),
    rows,
    (row) => row.key,
    createRow,
    (element, row) => updateRow(element, row, scale),
  );
}

function shortly(copies) {
  if (copies > 0 && copies < 0.05) return "less than 0.1 members";
  const words = copies.toFixed(copies < 9.95 ? 1 : 0).replace(".0", "");
  return words + (words === "1" ? " member" : " members");
}

const sum = (rows, of) => rows.reduce((total, row) => total + of(row), 0);

function slowIn(status, group) {
  return status.lagging.filter((member) => member.group === group.name && member.groupOfEndpoint === group.ofEndpoint).length;
}

/** The groups that have no row of their own, as one. */
function restOf(status, rows, groups) {
  const left = (total, of) => Math.max(0, total - sum(rows, of));
  return {
    key: "rest",
    rest: groups,
    members: left(status.members, (row) => row.members),
    rates: {
      bytesIn: left(status.rates.bytesIn, (row) => row.rates.bytesIn),
      bytesOut: left(status.rates.bytesOut, (row) => row.rates.bytesOut),
    },
    slow: 0,
  };
}

function createRow(row) {
  const name = row.rest ? h("span.flow-name", { "data-part": "name" }) : h("a.flow-name", { "data-part": "name" });
  return h(
    "li.flow-row",
    {},
    h("i.gate.in", { "data-part": "gateIn", "aria-hidden": "true" }),
    h("span.flow-rate.in", { "data-part": "in" }),
    h("span.flow-group", {}, name, h("span.flow-detail", { "data-part": "detail" })),
    h("span.flow-rate.out", { "data-part": "out" }),
    h("i.gate.out", { "data-part": "gateOut", "aria-hidden": "true" }),
  );
}

function updateRow(element, row, scale) {
  const { name, detail, gateIn, gateOut, ...rates } = parts(element);
  const busy = row.rates.bytesIn > 0 || row.rates.bytesOut > 0;
  if (row.rest) {
    setText(name, many(row.rest, "other group"));
  } else {
    showPeerText(name, row.name);
    setAttribute(name, "href", groupLink(row));
  }
  let words = many(row.members, "member");
  if (row.ofEndpoint) words += ", endpoint’s own";
  if (row.slow) words += " · " + row.slow + " slow";
  if (row.paced) words += row.slow ? ", all wait" : " · all wait";
  setText(detail, words);
  setAttribute(element, "class", "flow-row" + (row.paced || row.slow ? " slow" : busy ? "" : " still"));
  setText(rates.in, row.rates.bytesIn > 0 ? rate(row.rates.bytesIn) : "–");
  setText(rates.out, row.rates.bytesOut > 0 ? rate(row.rates.bytesOut) : "–");
  setAttribute(rates.in, "aria-label", "sends " + rate(row.rates.bytesIn));
  setAttribute(rates.out, "aria-label", "receives " + rate(row.rates.bytesOut));
  gateIn.style.height = Math.max(2, row.rates.bytesIn * scale) + "px";
  gateOut.style.height = Math.max(2, row.rates.bytesOut * scale) + "px";
}
