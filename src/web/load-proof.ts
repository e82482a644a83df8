import { concatBytes } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { fileLimitBytes, type NamedFile } from "./judge-file.ts";
import { fromBase64url, isGzip, type Link, urlOnServer } from "./link.ts";

function refuse(message: string): never {
  throw new SettlementError("PROOF_UNREADABLE", message);
}

/** All bytes of a stream. @throws SettlementError `PROOF_UNREADABLE` as soon as there are more than a proof can have */
async function readBounded(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (const reader = stream.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) return concatBytes(...chunks);
    size += value.length;
    if (size > fileLimitBytes) {
      await reader.cancel();
      refuse(`it has more than the ${fileLimitBytes} bytes that any proof has`);
    }
    chunks.push(value);
  }
}

async function gunzip(bytes: Uint8Array): Promise<Uint8Array> {
  try {
    const stream = new Blob([Uint8Array.from(bytes)]).stream().pipeThrough(new DecompressionStream("gzip"));
    return await readBounded(stream);
  } catch (error) {
    if (error instanceof SettlementError) throw error;
    return refuse("the proof in the link is cut short or altered: it does not unpack");
  }
}

async function fromServer(path: string): Promise<NamedFile> {
  const url = urlOnServer(path, window.location.href);
  let response: Response;
  try {
    response = await window.fetch(url, { mode: "same-origin", credentials: "omit", redirect: "error" });
  } catch {
    return refuse(`this server does not answer for ${url.pathname}`);
  }
  const bytes = response.body ? await readBounded(response.body) : new Uint8Array();
  if (!response.ok) refuse(`this server has no proof at ${url.pathname}: it answered ${response.status}`);
  return { name: url.pathname, bytes };
}

/** The proof that a link brings. @throws SettlementError `PROOF_UNREADABLE` */
export async function loadLink(link: Exclude<Link, { kind: "none" }>): Promise<NamedFile> {
  if (link.kind === "path") return fromServer(link.path);
  const bytes = fromBase64url(link.text);
  return { name: "the proof in the link", bytes: isGzip(bytes) ? await gunzip(bytes) : bytes };
}

/** A file that somebody chose. @throws SettlementError `PROOF_UNREADABLE` */
export async function loadFile(file: File): Promise<NamedFile> {
  if (file.size > fileLimitBytes) refuse(`${file.name} has ${file.size} bytes; a proof has at most ${fileLimitBytes}`);
  try {
    return { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
  } catch {
    return refuse(`${file.name} cannot be read; is it a folder, or was it moved?`);
  }
}

/** What this server says of itself in `/v1`, beside wherever the page lies. @throws SettlementError `PROOF_UNREADABLE` */
export async function loadServerInfo(): Promise<NamedFile> {
  return fromServer(new URL("v1", window.location.href).pathname);
}
