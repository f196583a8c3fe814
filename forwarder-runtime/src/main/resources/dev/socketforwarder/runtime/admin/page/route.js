// The addresses inside the page, and what tells one group from another.

/** Groups of one name may differ in framing, and an endpoint's own group in being that. */
export function groupKey(group) {
  return (group.ofEndpoint ? "e" : "g") + "\n" + (group.framing ?? "") + "\n" + group.name;
}

export function groupLink({ name, ofEndpoint }) {
  return "#/" + (ofEndpoint ? "endpoint-group/" : "group/") + encodeURIComponent(name.toWellFormed?.() ?? name);
}

/** What the location's hash asks for: a group, or null for the overview. */
export function routeOf(hash) {
  const match = /^#\/(group|endpoint-group)\/(.+)$/s.exec(hash);
  if (!match) return null;
  try {
    return { name: decodeURIComponent(match[2]), ofEndpoint: match[1] === "endpoint-group" };
  } catch {
    return null;
  }
}

export function query(parameters) {
  return new URLSearchParams(parameters).toString();
}
