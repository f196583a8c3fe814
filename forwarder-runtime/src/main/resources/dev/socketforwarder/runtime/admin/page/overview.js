// The forwarder at a glance: charts, slow members, limits, endpoints and refusals.

import { h, byId, keyed, parts, setAttribute, setText } from "./dom.js";
import { count, latency, many, memory, peerText, percent, plainly, rate, span } from "./text.js";
import { groupLink } from "./route.js";
import { Chart } from "./charts.js";
import { drawFlow } from "./flow.js";
import { drawGroupList, startGroupList } from "./grouplist.js";
import { drawEndpoints } from "./endpoints.js";
import { drawRefusals } from "./refusals.js";
import { drawWelcome } from "./welcome.js";

const MOST_LAGGING = 20; // the forwarder tells of no more
const NOBODY_WAITS = "Nobody waits for it yet";

const charts = {};

export function startOverview() {
  const chart = (name, options) => (charts[name] = new Chart(byId("chart-" + name), options));
  chart("throughput", {
    title: "Throughput",
    format: rate,
    least: 1000,
    series: [
      { key: "bytesIn", name: "in", tone: "in" },
      { key: "bytesOut", name: "out", tone: "out", area: true },
    ],
  });
  chart("latency", {
    title: "Latency",
    format: latency,
    logarithmic: true,
    series: [
      { key: "p50", name: "median", tone: "plain" },
      { key: "p99", name: "99th percentile", tone: "faint" },
    ],
  });
  chart("queue", {
    title: "Queues",
    format: memory,
    binary: true,
    least: 1 << 20,
    series: [{ key: "held", name: "held for members", tone: "waits", area: true }],
  });
  chart("members", {
    title: "Members",
    format: count,
    least: 10,
    series: [{ key: "members", name: "in all groups", tone: "plain", area: true }],
  });
  startGroupList();
}

export function drawOverview(live) {
  const { status, groups } = live;
  drawCharts(live);
  drawSlow(status, groups);
  drawLimits(status);
  drawLoops(status.loops);
  const nobody = status.members === 0 && groups.total === 0;
  byId("overview").classList.toggle("nobody", nobody);
  byId("welcome").hidden = !nobody;
  byId("flow").hidden = nobody;
  byId("groups").hidden = nobody;
  if (nobody) {
    drawWelcome(status);
  } else {
    drawFlow(live);
    drawGroupList();
  }
  drawEndpoints(status.endpoints);
  drawRefusals(status.refusals);
}

function drawCharts({ status, groups, samples, stepSeconds: step }) {
  const { rates, latency: measured, queue } = status;
  charts.throughput.draw(samples, step, rates);
  charts.throughput.setNote(
    many(Math.round(rates.readsPerSecond), "read") + ", " + many(Math.round(rates.writesPerSecond), "write") + " a second",
  );
  charts.latency.draw(samples, step, measured ?? {});
  charts.latency.setNote(
    measured ? "Read to last write · slowest " + latency(measured.max) : "Nothing was forwarded in the last 10 s",
  );
  charts.queue.draw(samples, step, { held: queue.held });
  charts.queue.setNote(
    queue.held > 0
      ? percent(queue.held / queue.most) + " of " + memory(queue.most)
      : "Nothing waits · room for " + memory(queue.most),
  );
  charts.members.draw(samples, step, { members: status.members });
  charts.members.setNote("In " + many(groups.total, "group") + " · " + many(status.connections.taken, "connection"));
}

function drawSlow({ lagging, members }, groups) {
  const slow = byId("slow");
  slow.classList.toggle("calm", lagging.length === 0);
  slow.hidden = lagging.length === 0 && members === 0;
  const some =
    lagging.length < MOST_LAGGING
      ? many(lagging.length, "member") + (lagging.length > 1 ? ", the worst first" : "")
      : `The ${MOST_LAGGING} slowest`;
  setText(byId("slow-note"), lagging.length === 0 ? "None: every member keeps up" : some);
  keyed(
    byId("slow-list"),
    lagging,
    (member) => member.id,
    createSlow,
    (row, member) => updateSlow(row, member, groups),
  );
}

function createSlow(member) {
  return h(
    "li",
    {},
    h("span.slow-span", { "data-part": "span" }),
    h(
      "div.slow-who",
      {},
      h(
        "p",
        {},
        peerText(member.address),
        " in ",
        h("a.name", { href: groupLink({ name: member.group, ofEndpoint: member.groupOfEndpoint }) }, peerText(member.group)),
      ),
      h("p.slow-why", { "data-part": "why" }),
    ),
    h("p.slow-effect", { "data-part": "effect" }),
  );
}

function updateSlow(row, member, { groups }) {
  const part = parts(row);
  setText(part.span, span(member.laggingSeconds));
  let why = memory(member.queued) + " queued";
  if (member.kernel > 0) why += ", " + memory(member.kernel) + " in the kernel";
  const taken = member.acknowledgedPerSecond ?? member.rates.bytesOut;
  why += taken > 0 ? " · takes " + rate(taken) : " · takes nothing";
  setText(part.why, why + " · endpoint " + plainly(member.endpoint));
  const words = effectOf(member, groups);
  setText(part.effect, words);
  setAttribute(part.effect, "class", "slow-effect" + (words === NOBODY_WAITS ? "" : " warn"));
}

/** What a slow member does to others. Groups beyond the busiest, the last event does not tell of. */
function effectOf(member, groups) {
  const group = groups.find(({ name, ofEndpoint }) => name === member.group && ofEndpoint === member.groupOfEndpoint);
  if (group?.paced && member.fullSeconds > 0)
    return group.members === 2 ? "1 other member waits for it" : count(group.members - 1) + " other members wait for it";
  if (member.leftOut > 0) return many(member.leftOut, "message") + " left out for it";
  return group ? NOBODY_WAITS : "";
}

function drawLimits({ connections, groups, queue }) {
  const limits = [
    { name: "Connections", now: connections.taken, most: connections.most, format: count },
    { name: "Groups", now: groups.count, most: groups.most, format: count },
    { name: "Queue memory", now: queue.held, most: queue.most, format: memory },
  ];
  keyed(byId("meters"), limits, (limit) => limit.name, createMeter, updateMeter);
}

function createMeter({ name }) {
  const meter = h(
    "div.meter",
    { role: "meter", "aria-label": name, "aria-valuemin": 0, "data-part": "meter" },
    h("i", { "data-part": "fill" }),
  );
  return h("li", {}, h("p", {}, h("span", {}, name), h("span.of", { "data-part": "of" })), meter);
}

function updateMeter(row, { now, most, format }) {
  const part = parts(row);
  const share = most > 0 ? Math.min(1, now / most) : 0;
  setText(part.of, format(now) + " of " + format(most));
  setAttribute(part.meter, "aria-valuemax", most);
  setAttribute(part.meter, "aria-valuenow", now);
  setAttribute(part.meter, "aria-valuetext", format(now) + " of " + format(most) + ", " + percent(share));
  setAttribute(part.meter, "class", "meter" + (share >= 0.9 ? " bad" : share >= 0.7 ? " warn" : ""));
  part.fill.style.width = share > 0 ? "max(3px, " + (share * 100).toFixed(2) + "%)" : "0";
}

function drawLoops(loops) {
  const busiest = loops.reduce((most, loop) => (loop.utilisation > (most?.utilisation ?? -1) ? loop : most), null);
  setText(byId("loops-note"), busiest ? `Busiest: ${busiest.name}, ${percent(busiest.utilisation)}` : "");
  keyed(
    byId("loops"),
    loops.slice(0, 128),
    (loop) => loop.name,
    () => h("li", {}, h("i"), h("span.for-readers")),
    (bar, { name, utilisation }) => {
      const words = name + ": " + percent(utilisation);
      setAttribute(bar, "title", words);
      setText(bar.lastElementChild, words);
      bar.firstElementChild.style.height = Math.min(100, Math.max(utilisation * 100, 4)).toFixed(1) + "%";
      setAttribute(bar, "class", utilisation >= 0.9 ? "bad" : utilisation >= 0.7 ? "warn" : "");
    },
  );
}
