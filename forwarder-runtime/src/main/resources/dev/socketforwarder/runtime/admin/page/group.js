// The page of one group: its members, who of them is slow, and what passes between them.

import { h, byId, keyed, parts, set, setAttribute, setText } from "./dom.js";
import { get, live, request } from "./api.js";
import { ago, bytes, count, localTime, many, memory, peerText, rate, showPeerText, span } from "./text.js";
import { query } from "./route.js";
import { figure } from "./grouplist.js";
import { Pager } from "./pager.js";
import { startTap, tapGroup } from "./tap.js";
import { confirm, toast } from "./dialogs.js";
import { drawMemberFlow } from "./memberflow.js";

const PAGE = 50;
const EACH_MS = 2000;
const FACTS = { members: "Members", sends: "Sends", receives: "Receives", held: "Queued", leftOut: "Left out", framing: "Framing" };

let group = null; // what the location asks for
let answer = null;
let summary = null;
let error = null;
let asked = 0;
let timer = 0;
let pager;

export function startGroup() {
  pager = new Pager(byId("members-pager"), PAGE, ask);
  for (const [part, name] of Object.entries(FACTS))
    byId("group-facts").append(h("div", {}, h("dt", {}, name), h("dd", { "data-part": part }, "–")));
  startTap();
}

/** Turns to a group, or to none. */
export function openGroup(wanted) {
  clearTimeout(timer);
  group = wanted;
  answer = summary = error = null;
  asked++;
  tapGroup(wanted);
  if (!wanted) return;
  pager.offset = 0;
  showPeerText(byId("group-name"), wanted.name);
  byId("members-rows").keyedChildren = null;
  byId("members-rows").replaceChildren();
  ask();
}

const sameGroup = (one) => one.name === group.name && one.ofEndpoint === group.ofEndpoint;

async function ask() {
  clearTimeout(timer);
  if (!group) return;
  const mine = ++asked;
  try {
    const [members, found] = await Promise.all([
      get("members?" + query({ group: group.name, ofEndpoint: group.ofEndpoint, offset: pager.offset, limit: PAGE })),
      live.groups?.groups.find(sameGroup) ?? get("groups?" + query({ offset: 0, limit: 100, sort: "name", contains: group.name })),
    ]);
    if (mine !== asked) return;
    answer = members;
    summary = found.groups ? (found.groups.find(sameGroup) ?? null) : found;
    error = null;
  } catch (failure) {
    if (mine !== asked) return;
    error = failure;
  }
  if (!document.hidden) drawGroup(live);
  askLater();
}

/** Asks again after a while, but not while nobody looks or the forwarder is out of reach. */
function askLater() {
  timer = setTimeout(() => (document.hidden || live.phase === "lost" ? askLater() : ask()), EACH_MS);
}

export function drawGroup({ session, groups }) {
  if (!answer && !error) return;
  summary = groups?.groups.find(sameGroup) ?? summary;
  const empty = byId("members-empty");
  const body = byId("members-rows");
  empty.hidden = answer?.total > 0;
  byId("member-flow").hidden = !empty.hidden;
  body.parentElement.hidden = !empty.hidden;
  const gone = error?.status === 404 || answer?.total === 0;
  setText(empty, gone ? "Nobody is in this group. It begins with its first member." : (error?.message ?? ""));
  if (!answer) return;
  drawFacts();
  if (answer.total > 0) drawMemberFlow(answer.members, answer.total - answer.bridges, summary);
  pager.show(answer.total);
  setText(byId("members-note"), error?.message ?? (answer.total > PAGE ? many(answer.total, "member") : ""));
  byId("members-actions").hidden = !session.signedIn;
  const most = (key) => Math.max(...answer.members.map((member) => member.rates[key]), 1e-9);
  const scale = { bytesIn: most("bytesIn"), bytesOut: most("bytesOut") };
  keyed(
    body,
    answer.members,
    (member) => member.id,
    createRow,
    (row, member) => updateRow(row, member, scale, session),
    true,
  );
}

function drawFacts() {
  const part = parts(byId("group-facts"));
  const all = summary ?? { framing: "–" };
  setText(part.members, count(answer.total - answer.bridges));
  figure(part.sends, all.rates?.bytesIn, rate);
  figure(part.receives, all.rates?.bytesOut, rate);
  setAttribute(part.sends, "title", bytes(all.bytesIn) + " since the group began");
  setAttribute(part.receives, "title", bytes(all.bytesOut) + " since the group began");
  figure(part.held, all.held, memory);
  figure(part.leftOut, all.leftOut, count);
  setText(part.framing, all.framing);
  const tags = [];
  if (group.ofEndpoint) tags.push(h("span.tag", {}, "endpoint’s own group"));
  if (all.pausedBy) tags.push(h("span.tag.warn", {}, "waits for ", peerText(all.pausedBy)));
  const nodes = Object.entries(answer.elsewhere ?? {});
  for (const [node, members] of nodes) tags.push(h("span.tag", {}, many(members, "member") + " at ", peerText(node)));
  byId("group-tags").replaceChildren(...tags);
}

function createRow(member) {
  const about = h("span.about", {}, member.kind + " " + member.id + " · ", peerText(member.endpoint));
  if (member.tls) about.append(" · ", peerText(member.tls));
  if (member.certificate) about.append(" · ", peerText(member.certificate));
  const bar = (name, tone, title) =>
    h(
      "td.bar-column." + tone,
      { "data-title": title },
      h("span.bar", { "aria-hidden": "true" }, h("i", { "data-part": name + "Bar" })),
      h("span", { "data-part": name }),
    );
  return h(
    "tr",
    { id: "member-" + member.id },
    h("th", { scope: "row" }, h("span.address", {}, peerText(member.address)), about),
    h("td", { "data-part": "joined", "data-title": "Joined", title: localTime(member.joined) }),
    bar("sends", "in", "Sends"),
    bar("receives", "out", "Receives"),
    h("td.number", { "data-part": "queued", "data-title": "Queued" }),
    h("td.member-state", { "data-part": "state", "data-title": "State" }),
    h("td.actions", { "data-part": "actions" }, h("button.quiet", { type: "button", "data-part": "kick" }, "Kick…")),
  );
}

function updateRow(row, member, scale, session) {
  const part = parts(row);
  setText(part.joined, ago(member.joined));
  figure(part.sends, member.rates.bytesIn, rate);
  figure(part.receives, member.rates.bytesOut, rate);
  setAttribute(part.sends, "title", bytes(member.bytesIn) + " since it joined");
  setAttribute(part.receives, "title", bytes(member.bytesOut) + " since it joined");
  part.sendsBar.style.width = (100 * member.rates.bytesIn) / scale.bytesIn + "%";
  part.receivesBar.style.width = (100 * member.rates.bytesOut) / scale.bytesOut + "%";
  figure(part.queued, member.queued, memory);
  setAttribute(part.queued, "title", member.kernel == null ? null : memory(member.kernel) + " more in the kernel");
  showState(part.state, member);
  row.classList.toggle("slow", member.slow);
  part.actions.hidden = !session.signedIn;
  setAttribute(part.kick, "aria-label", "Kick member " + member.id);
  part.kick.onclick = () => askKick(member);
}

function showState(cell, member) {
  const slow = member.slow;
  let words = slow ? "slow for " + span(member.laggingSeconds) : member.pausedBy ? "waits for " : "keeps up";
  const leftOut = member.leftOut > 0 ? many(member.leftOut, "message") + " left out" : "";
  const key = words + (slow ? "" : (member.pausedBy ?? "")) + leftOut;
  if (cell.stateShown === key) return;
  cell.stateShown = key;
  cell.className = "member-state" + (slow ? " warn" : member.pausedBy ? " waits" : " fine");
  cell.replaceChildren(h("span", {}, words, !slow && member.pausedBy ? waitsFor(member.pausedBy) : null));
  if (leftOut) cell.append(h("span.about", {}, leftOut));
}

/** A button that leads to the row of the member that others wait for, if that is on this page. */
function waitsFor(text) {
  const id = /^member (\d+)$/.exec(text)?.[1];
  if (!id || !answer.members.some((member) => String(member.id) === id)) return peerText(text);
  const lead = () => {
    const row = set(byId("member-" + id), { tabIndex: -1 });
    row.scrollIntoView({ block: "center" });
    row.focus();
  };
  return h("button.link", { type: "button", onclick: lead }, text);
}

function askKick(member) {
  confirm({
    title: "Kick member " + member.id + "?",
    text: [
      h("p", {}, peerText(member.address), " leaves group ", peerText(member.group), " at once."),
      h(
        "p",
        {},
        member.queued > 0 ? memory(member.queued) + " that wait for it are not delivered. " : "",
        "Its client may join again.",
      ),
    ],
    yes: "Kick",
    act: async () => {
      try {
        await request("POST", "members/" + member.id + "/kick");
        toast("Member " + member.id + " was kicked.");
      } catch (failure) {
        if (failure.status !== 404) throw failure;
        toast("Member " + member.id + " had already left.");
      }
      ask();
    },
  });
}
