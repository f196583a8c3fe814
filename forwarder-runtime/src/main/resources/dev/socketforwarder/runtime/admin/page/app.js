// The live page of the forwarder: starts its parts, and decides which of them is seen.

import { h, byId, setText } from "./dom.js";
import { changed, connect, live, onChange, request } from "./api.js";
import { localTime, many, peerText, plainly, span } from "./text.js";
import { routeOf } from "./route.js";
import { drawOverview, startOverview } from "./overview.js";
import { drawGroup, openGroup, startGroup } from "./group.js";
import { askToken, confirm, startDialogs, toast } from "./dialogs.js";

let route = null;

function turn() {
  if (location.hash && !location.hash.startsWith("#/")) return;
  route = routeOf(location.hash);
  byId("overview").hidden = route !== null;
  byId("group").hidden = route === null;
  openGroup(route);
  window.scrollTo(0, 0);
  changed();
}

function draw() {
  drawFrame();
  if (!live.status || document.hidden) return;
  drawInstance(live.status);
  if (route) drawGroup(live);
  else drawOverview(live);
}

function drawFrame() {
  const { phase, status, session } = live;
  document.documentElement.dataset.phase = status ? phase : phase === "lost" ? "never" : "loading";
  const draining = status?.state === "draining";
  const words = stateInWords(draining);
  setText(byId("state"), words);
  byId("state").className = "state " + (phase === "open" ? (draining ? "draining" : "running") : phase);
  byId("sign-in").hidden = phase !== "open" || !session.canSignIn || session.signedIn;
  byId("sign-out").hidden = phase !== "open" || !session.signedIn;
  byId("drain").hidden = phase !== "open" || !session.signedIn || draining;
  drawBanner(draining);
  drawTitle(words);
}

function stateInWords(draining) {
  if (live.phase === "loading") return "Loading";
  if (live.phase === "lost") return live.error.status === 401 ? "Signed out" : "Out of reach";
  return draining ? "Draining" : "Running";
}

function drawTitle(words) {
  const { phase, status } = live;
  const slow = status?.lagging.length;
  const what = phase === "open" && words === "Running" ? (slow ? many(slow, "slow member") : "") : words;
  document.title = [what, route ? plainly(route.name, 60) : "", plainly(status?.host ?? location.host, 60), "SocketForwarder"]
    .filter(Boolean)
    .join(" · ");
}

function drawBanner(draining) {
  const { phase, error, heardAt, retryAt, status } = live;
  const banner = byId("banner");
  const lost = phase === "lost";
  banner.hidden = !lost && !draining;
  if (banner.hidden) return;
  banner.className = "banner " + (lost ? "bad" : "warn");
  const locked = lost && error.status === 401;
  byId("banner-action").hidden = !lost;
  if (lost) {
    const wait = Math.max(0, Math.ceil((retryAt - Date.now()) / 1000));
    const seen = heardAt ? ` What you see is ${span(Math.round((Date.now() - heardAt) / 1000)).replace(".0 ", " ")} old.` : "";
    const stopped = draining && error.status === 0;
    setText(byId("banner-title"), stopped ? "The forwarder was draining, and has gone." : error.message);
    setText(byId("banner-text"), locked ? "" : (retryAt && wait ? `Trying again in ${wait} s.` : "Trying again…") + seen);
    setText(byId("banner-action"), locked ? "Sign in" : "Try now");
    byId("banner-action").onclick = locked ? askToken : connect;
  } else {
    setText(byId("banner-title"), "The forwarder drains, and stops.");
    const left = status.members ? many(status.members, "member is", "members are") + " still here." : "All members have left.";
    setText(byId("banner-text"), "It accepts nobody new. " + left);
  }
}

function drawInstance(status) {
  const place = byId("instance");
  const since = "up " + span(Math.floor(status.uptimeSeconds)).replace(".0 s", " s");
  if (place.childElementCount === 0) place.append(h("span"), h("span"), h("span.configuration"));
  const [host, up, configuration] = place.children;
  const machine = status.host ?? location.host;
  const named = machine + status.version + status.pid;
  if (host.named !== named) {
    host.named = named;
    host.replaceChildren(h("b", {}, peerText(machine)), " · " + status.version + " · process " + status.pid);
  }
  setText(up, since);
  up.title = "Started " + localTime(status.started);
  const file = status.configuration ?? "no configuration file";
  if (configuration.file === file) return;
  configuration.file = file;
  configuration.replaceChildren(peerText(file));
}

function askDrain() {
  const members = live.status.members;
  confirm({
    title: "Drain and stop this forwarder?",
    text: [
      h(
        "p",
        {},
        "It accepts nobody new, delivers what it has read, closes its ",
        many(members, "member"),
        ", and ends, as SIGTERM would have it.",
      ),
      h("p", {}, "This page cannot start it again."),
    ],
    yes: "Drain and stop",
    act: async () => {
      await request("POST", "drain");
      toast("The forwarder drains, and stops.");
    },
  });
}

startDialogs();
startOverview();
startGroup();
byId("drain").addEventListener("click", askDrain);
byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("main").focus();
});
window.addEventListener("hashchange", turn);
document.addEventListener("visibilitychange", changed);
setInterval(() => live.phase === "lost" && drawFrame(), 500);
onChange(draw);
turn();
connect();
