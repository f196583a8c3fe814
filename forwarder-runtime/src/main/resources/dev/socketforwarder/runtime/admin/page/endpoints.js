// The endpoints: where they listen, what goes through them, and why connections and messages ended there.

import { h, byId, keyed, parts, setText } from "./dom.js";
import { bytes, count, many, rate, showPeerText, peerText } from "./text.js";

const MOST_REASONS = 6;

export function drawEndpoints(endpoints) {
  keyed(byId("endpoints"), endpoints, (endpoint) => endpoint.name, create, update);
}

function create(endpoint) {
  return h(
    "li",
    {},
    h(
      "header",
      {},
      h("h3", {}, peerText(endpoint.name)),
      h("span.tag", {}, endpoint.type),
      h("span.addresses", { "data-part": "addresses" }),
    ),
    h("p.endpoint-line", { "data-part": "line" }),
    h("ul.reasons", { "data-part": "reasons", "aria-label": "Why connections and messages ended" }),
    h("details", { "data-part": "details" }, h("summary", {}, "All counters"), h("dl.counters", { "data-part": "counters" })),
  );
}

function update(row, { addresses, connections, members, rates, counters, reasons }) {
  const part = parts(row);
  keyed(
    part.addresses,
    addresses,
    String,
    () => h("bdi"),
    (element, address) => showPeerText(element, address),
  );
  setText(
    part.line,
    `${many(connections, "connection")}, ${many(members, "member")} · ${rate(rates.bytesIn)} in, ${rate(rates.bytesOut)} out`,
  );
  const told = Object.entries(reasons)
    .filter(([, times]) => times > 0)
    .sort(([, a], [, b]) => b - a)
    .slice(0, MOST_REASONS);
  keyed(
    part.reasons,
    told,
    ([reason]) => reason,
    ([reason]) => h("li", {}, h("code", {}, reason), h("b")),
    (chip, [, times]) => setText(chip.lastElementChild, count(times)),
  );
  if (!part.details.open) return;
  keyed(
    part.counters,
    Object.entries(counters),
    ([name]) => name,
    ([name]) => h("div", {}, h("dt", {}, name), h("dd")),
    (pair, [name, value]) => setText(pair.lastElementChild, name.startsWith("bytes") ? bytes(value) : count(value)),
  );
}
