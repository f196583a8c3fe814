// What the page says while there is no member: how to become one, unless the forwarder stops.

import { h, byId, keyed, setText } from "./dom.js";
import { plainly } from "./text.js";

export function drawWelcome({ state, endpoints }) {
  const anyJoined = endpoints.some(({ counters }) => counters.joined > 0);
  const draining = state === "draining";
  setText(byId("welcome-title"), draining ? "All members have left" : anyJoined ? "Nobody is here now" : "Nobody has joined yet");
  byId("welcome-what").hidden = draining;
  const commands = [];
  const first = (type) =>
    endpoints.find((endpoint) => endpoint.type === type && endpoint.name === type) ??
    endpoints.find((endpoint) => endpoint.type === type);
  const tcp = placeOf(first("tcp"));
  const udp = placeOf(first("udp"));
  if (tcp) commands.push({ by: "TCP", command: `(printf 'SOCKETFORWARDER-NEW:demo\\n'; cat) | nc ${tcp}` });
  if (udp) commands.push({ by: "UDP", command: `(printf 'SOCKETFORWARDER-NEW:'; cat) | nc -u ${udp}` });
  byId("welcome-how").hidden = commands.length === 0;
  keyed(
    byId("welcome-commands"),
    commands,
    ({ by }) => by,
    create,
    (row, { command }) => setText(row.querySelector("code"), command),
  );
}

/** Host and port for a client: an endpoint on all addresses is reached by the name that the page was reached by. */
function placeOf(endpoint) {
  const match = /^\[?([^\]]*)\]?:(\d+)$/.exec(endpoint?.addresses[0] ?? "");
  if (!match) return null;
  const everywhere = match[1] === "0.0.0.0" || /^[0:]+$/.test(match[1]);
  const host = everywhere ? location.hostname.replace(/^\[|\]$/g, "") : match[1];
  return plainly(host) + " " + match[2];
}

function create({ by }) {
  const code = h("code", { tabIndex: 0 });
  const copy = h(
    "button.quiet",
    { type: "button", hidden: !navigator.clipboard, "aria-label": "Copy the command for " + by },
    "Copy",
  );
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(code.textContent);
    setText(copy, "Copied");
    setTimeout(() => setText(copy, "Copy"), 2000);
  });
  return h("div.command", {}, h("span.by", {}, by), h("pre", {}, code), copy);
}
