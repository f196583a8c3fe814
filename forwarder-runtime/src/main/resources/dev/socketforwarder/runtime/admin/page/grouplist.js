// The list of all groups: searched, sorted and paged by the forwarder, so that thousands of them cost the page nothing.

import { h, byId, keyed, parts, setAttribute, setText } from "./dom.js";
import { get, live } from "./api.js";
import { bytes, count, many, memory, rate, showPeerText } from "./text.js";
import { groupKey, groupLink, query } from "./route.js";
import { Pager } from "./pager.js";

const PAGE = 20;
const EACH_MS = 3000;

const list = { sort: "rate", contains: "", answer: null, asked: 0, askedAt: 0, error: null };
let pager;

export function startGroupList() {
  pager = new Pager(byId("groups-pager"), PAGE, ask);
  const search = byId("groups-search");
  search.addEventListener("input", () => {
    list.contains = search.value;
    pager.offset = 0;
    ask();
  });
  for (const heading of document.querySelectorAll("#groups [data-sort]")) {
    heading.firstElementChild.addEventListener("click", () => {
      list.sort = heading.dataset.sort;
      pager.offset = 0;
      ask();
    });
  }
}

/** Whether the newest event holds the wanted page, so that nothing has to be asked. */
function eventSuffices() {
  return list.sort === "rate" && !list.contains && pager.offset + PAGE <= Math.max(live.groups.groups.length, PAGE);
}

async function ask() {
  const mine = ++list.asked;
  list.askedAt = Date.now();
  if (live.groups && eventSuffices()) {
    list.answer = null;
    drawGroupList();
    return;
  }
  try {
    const answer = await get("groups?" + query({ offset: pager.offset, limit: PAGE, sort: list.sort, contains: list.contains }));
    if (mine !== list.asked) return; // somebody has typed on
    list.answer = answer;
    list.error = null;
  } catch (error) {
    if (mine !== list.asked) return;
    list.error = error.message;
  }
  drawGroupList();
}

/** Draws the wanted page from the newest event, or asks for it every few seconds. */
export function drawGroupList() {
  const fromEvent = eventSuffices();
  if (!fromEvent && Date.now() - list.askedAt > EACH_MS) ask();
  const all = fromEvent ? live.groups : list.answer;
  if (!all) return;
  const shown = fromEvent ? all.groups.slice(pager.offset, pager.offset + PAGE) : all.groups;
  const body = byId("groups-rows");
  keyed(body, shown, groupKey, createRow, updateRow, fromEvent && body.matches(":hover, :focus-within"));
  for (const heading of document.querySelectorAll("#groups [data-sort]")) {
    const sorted = heading.dataset.sort === list.sort;
    setAttribute(heading, "aria-sort", sorted ? (list.sort === "name" ? "ascending" : "descending") : null);
  }
  setText(
    byId("groups-note"),
    list.error ?? many(all.total, list.contains ? "match" : "group", list.contains ? "matches" : "groups"),
  );
  const empty = byId("groups-empty");
  empty.hidden = all.total > 0;
  setText(empty, list.contains ? "No group’s name contains that." : "There are no groups yet.");
  body.parentElement.hidden = all.total === 0;
  pager.show(all.total);
}

function createRow() {
  const number = (part, title) => h("td.number", { "data-part": part, "data-title": title });
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, h("div.named", {}, h("a.name", { "data-part": "name" }), h("span.tags", { "data-part": "tags" }))),
    number("members", "Members"),
    number("sends", "Sends"),
    number("receives", "Receives"),
    number("held", "Queued"),
    number("leftOut", "Left out"),
    h("td", { "data-part": "framing", "data-title": "Framing" }),
  );
}

function updateRow(row, group) {
  const part = parts(row);
  showPeerText(part.name, group.name);
  setAttribute(part.name, "href", groupLink(group));
  const tags = [];
  if (group.ofEndpoint) tags.push("endpoint’s own");
  if (group.pausedBy) tags.push("waits for " + group.pausedBy);
  if (part.tags.textContent !== tags.join("")) {
    part.tags.replaceChildren(...tags.map((tag) => h(tag.startsWith("waits") ? "span.tag.warn" : "span.tag", {}, tag)));
  }
  setText(part.members, count(group.members));
  const elsewhere = Object.values(group.elsewhere).reduce((sum, members) => sum + members, 0);
  setAttribute(part.members, "title", elsewhere > 0 ? "and " + count(elsewhere) + " elsewhere" : null);
  figure(part.sends, group.rates.bytesIn, rate);
  figure(part.receives, group.rates.bytesOut, rate);
  setAttribute(part.sends, "title", bytes(group.bytesIn) + " since the group began");
  setAttribute(part.receives, "title", bytes(group.bytesOut) + " since the group began");
  figure(part.held, group.held, memory);
  figure(part.leftOut, group.leftOut, count);
  setText(part.framing, group.framing);
}

/** A number in a table; nothing at all is a faint dash. */
export function figure(cell, number, format) {
  setText(cell, number > 0 ? format(number) : "–");
  cell.classList.toggle("nothing", !(number > 0));
}
