// The last peers that were refused: what they did, and what helps.

import { h, byId, keyed, parts, setAttribute, setText } from "./dom.js";
import { ago, count, localTime, many, peerText } from "./text.js";

export function drawRefusals(refusals) {
  setText(byId("refusals-note"), refusals.length ? many(refusals.length, "kind") + ", newest first" : "");
  const list = byId("refusals");
  if (!refusals.length) {
    list.keyedChildren = null;
    list.replaceChildren(h("li.empty", {}, "Nobody was refused."));
    return;
  }
  if (!list.keyedChildren) list.replaceChildren();
  keyed(list, refusals, keyOf, create, update, list.matches(":hover"));
}

const keyOf = ({ endpoint, reason, source, port, first, detail, bytes }) =>
  [endpoint, reason, source, port, first, detail, bytes].join("\n");

function create(refusal) {
  const sent = refusal.bytes ? h("p.sent", {}, h("span", {}, "sent "), h("code", {}, peerText(refusal.bytes, 160))) : null;
  return h(
    "li",
    {},
    h("header", {}, h("code.reason", {}, refusal.reason), h("span.refused-when", { "data-part": "when" })),
    h("p", {}, peerText(refusal.source), refusal.port ? " (port " + refusal.port + ")" : "", " at endpoint ", peerText(refusal.endpoint)),
    refusal.detail ? h("p.detail", {}, peerText(refusal.detail, 400)) : null,
    sent,
    refusal.remedy ? h("p.remedy", {}, peerText(refusal.remedy, 600)) : null,
  );
}

function update(row, { count: times, first, last }) {
  const { when } = parts(row);
  setText(when, (times > 1 ? count(times) + " times, " : "") + ago(last));
  setAttribute(when, "title", times > 1 ? localTime(first) + " to " + localTime(last) : localTime(last));
}
