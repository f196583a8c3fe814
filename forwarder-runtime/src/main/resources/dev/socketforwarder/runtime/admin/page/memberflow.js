// The picture of one group: which members send on the left, which receive on the right.

import { h, byId, keyed, parts, setAttribute, setText } from "./dom.js";
import { many, rate, showPeerText, span } from "./text.js";
import { drawRibbons } from "./ribbons.js";

const MOST_ROWS = 7;
const ROW = 44;
const WIDEST = 34;

/** Draws the members that one answer holds. The first rows are those of the slow ones, then of those that have sent or received most. */
export function drawMemberFlow(members, total, group) {
  const senders = rowsOf(members, "bytesIn", (member) => member.bytesIn > 0 || member.rates.bytesIn > 0);
  const receivers = rowsOf(members, "bytesOut", () => true);
  const height = Math.max(senders.length, receivers.length) * ROW;
  const rates = [...senders, ...receivers].map((row) => row.rate);
  const sum = (rows) => rows.reduce((all, row) => all + row.rate, 0);
  const scale = Math.min((height - 10) / Math.max(sum(senders), sum(receivers), 1e-9), WIDEST / Math.max(...rates, 1e-9));
  const frame = { height, row: ROW, scale, rateOf: (row) => row.rate };
  drawRibbons(byId("member-flow-in"), senders, { ...frame, joins: "right" });
  drawRibbons(byId("member-flow-out"), receivers, { ...frame, joins: "left" });
  list("member-senders", senders, "sends");
  list("member-receivers", receivers, "receives");
  setText(byId("member-flow-note"), members.length < total ? "Of the " + many(members.length, "member") + " listed below" : "");
  setText(byId("hub-members"), many(total, "member"));
  setText(byId("hub-in"), rate(group?.rates.bytesIn ?? sum(senders)) + " in");
  setText(byId("hub-out"), rate(group?.rates.bytesOut ?? sum(receivers)) + " out");
  byId("member-flow").classList.toggle("nobody-sends", senders.length === 0);
}

function rowsOf(members, key, isWanted) {
  const wanted = members
    .filter(isWanted)
    .map((member) => ({ key: member.id, member, rate: member.rates[key], slow: key === "bytesOut" && member.slow }))
    .sort((a, b) => b.slow - a.slow || b.member[key] - a.member[key] || a.key - b.key); // by all bytes, as rates go up and down
  if (wanted.length <= MOST_ROWS) return wanted;
  const rest = wanted.slice(MOST_ROWS - 1);
  return [
    ...wanted.slice(0, MOST_ROWS - 1),
    { key: "rest", rest: rest.length, rate: rest.reduce((sum, row) => sum + row.rate, 0), slow: false },
  ];
}

function list(id, rows, verb) {
  keyed(
    byId(id),
    rows,
    (row) => row.key,
    () => h("li", {}, h("span.flow-name", { "data-part": "name" }), h("span", { "data-part": "rate" })),
    (element, row) => {
      const part = parts(element);
      if (row.rest) setText(part.name, many(row.rest, "other"));
      else showPeerText(part.name, row.member.address);
      const waits = verb === "sends" && row.member?.pausedBy;
      const words = row.slow
        ? "slow for " + span(row.member.laggingSeconds)
        : row.rate > 0
          ? rate(row.rate)
          : waits
            ? ""
            : "nothing now";
      setText(part.rate, words + (waits ? (words ? ", " : "") + "waits" : ""));
      setAttribute(element, "class", row.slow || waits ? "slow" : row.rate > 0 ? "" : "still");
      setAttribute(part.rate, "aria-label", verb + " " + words);
    },
  );
}
