import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { extname, join } from "node:path";

/** What a plain static host does, and what it was asked. */
export interface StaticHost extends AsyncDisposable {
  readonly url: string;
  readonly asked: { readonly path: string; readonly bytes: number }[];
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".json": "application/json",
  ".jsonl": "application/octet-stream",
};

/** Serves the files of a folder as they are, parts of them where ranges are known here. */
export async function staticHost(folder: string, { hasRanges = true } = {}): Promise<StaticHost> {
  const asked: { path: string; bytes: number }[] = [];
  const server: Server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://host").pathname.slice(1) || "index.html";
    const file = join(folder, path);
    if (!existsSync(file) || !statSync(file).isFile()) return void response.writeHead(404).end();
    const bytes = readFileSync(file);
    response.setHeader("Content-Type", types[extname(path)] ?? "application/octet-stream");
    const [, from, to] = (hasRanges && /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "")) || [];
    if (from === undefined) {
      asked.push({ path, bytes: bytes.length });
      return void response.writeHead(200).end(bytes);
    }
    if (Number(from) >= bytes.length) return void response.writeHead(416).end();
    const part = bytes.subarray(Number(from), Number(to) + 1);
    asked.push({ path, bytes: part.length });
    const last = Number(from) + part.length - 1;
    response.writeHead(206, { "Content-Range": `bytes ${from}-${last}/${bytes.length}` }).end(part);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { readonly port: number };
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return { url: `http://127.0.0.1:${port}/`, asked, [Symbol.asyncDispose]: close };
}
