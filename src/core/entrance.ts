/** Hosts that are this machine, as URLs spell them. */
const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * May signed events be sent to this address? HTTPS, or HTTP to the machine itself; nothing in it that is no place, such
 * as a user or a query.
 */
export function isEntrance(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || url.username !== "" || url.password !== "" || /[?#\s]/.test(text)) return false;
  return url.protocol === "https:" || (url.protocol === "http:" && loopback.test(url.hostname));
}

/** Address of a route that takes something, of the address of a settlement node or of that route. */
export function entranceUrl(entrance: string, route: "events" | "nodes"): string {
  const { href } = new URL(entrance);
  const trimmed = href.replace(/\/+$/, "").replace(/\/v1\/(?:events|nodes)$/, "");
  return `${trimmed}/v1/${route}`;
}
