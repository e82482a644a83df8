/** Shorter texts stand in too many innocent places to be taken out of a log. */
const shortestSecret = 8;

const hidden = "[secret]";

const urlPattern = /\b([a-z][a-z0-9+.-]*):\/\/[^\s"'<>`]+/gi;

/** Parts of a secret that betray it: each line of a PEM, the password in an address. */
function partsOf(secret: string): readonly string[] {
  const lines = secret.split(/\r?\n/).map((line) => line.trim());
  const password = URL.canParse(secret.trim()) ? new URL(secret.trim()).password : "";
  return [secret.trim(), ...lines.filter((line) => !line.startsWith("-----")), password, decoded(password)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Scheme and host of an address: the rest may be credentials, a token or a path of this machine. */
function shownUrl(text: string, scheme: string): string {
  if (scheme.toLowerCase() === "file") return text;
  const [, address = "", end = ""] = /^(.*?)([)\],.;:]*)$/.exec(text) ?? [];
  const host = URL.canParse(address) ? new URL(address).host : "";
  return `${scheme}://${host === "" ? hidden : host}${end}`;
}

/**
 * Takes known secrets, and all but the host of addresses, out of a text. It is the second line of defence: no message is
 * supposed to hold a secret in the first place.
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const parts = secrets.flatMap(partsOf).filter(({ length }) => length >= shortestSecret);
  const known = [...new Set(parts)].toSorted((a, b) => b.length - a.length);
  return (text) => {
    const left = known.reduce((rest, part) => rest.replaceAll(part, hidden), text);
    return left.replace(urlPattern, shownUrl);
  };
}
