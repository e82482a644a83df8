import type { folderTree } from "../../adapters/folder-tree.ts";
import { linesFile } from "../../adapters/read-event.ts";
import { indexFiles, parseIndexFacts, readPlaces } from "../../core/event-index.ts";
import { parseJson } from "../../core/json.ts";
import type { Month } from "../../core/month.ts";
import type { Archive } from "../../ports.ts";
import type { LedgerOutline } from "../../settle/ledger-view.ts";

/** A path below the ledger folder, and how many bytes of the file; all where none are told. */
export type ListedFile = readonly [path: string, bytes?: number];

/** Bytes of the one list up to the end of the last closed event. */
async function closedBytes(archive: Archive, closed: readonly Month[]): Promise<number> {
  let end = 0;
  for (const month of closed) {
    const bytes = await archive.read(month, indexFiles.facts);
    const { count } = parseIndexFacts(parseJson(bytes ?? new Uint8Array()));
    if (count === 0) continue;
    const read = async (start: number, length: number): Promise<Uint8Array> =>
      (await archive.part(month, indexFiles.places, start, length)) ?? new Uint8Array();
    const [last] = await readPlaces(read, count - 1, count);
    end = Math.max(end, (last?.offset ?? 0) + (last?.length ?? 0));
  }
  return end;
}

/** The files of a ledger that a copy of its closed months holds as they are. */
export async function closedFiles(
  { form, files }: LedgerOutline,
  closed: readonly Month[],
  { tree, archive }: { readonly tree: ReturnType<typeof folderTree>; readonly archive: Archive },
): Promise<readonly ListedFile[]> {
  const plain = async (prefix: string): Promise<string[]> =>
    (await tree.entries(prefix)).flatMap(({ path, kind }) => (kind === "file" || kind === "executable" ? [path] : []));
  const published = (await Promise.all(closed.map((month) => plain(`anchors/${month}`)))).flat();
  const events: readonly ListedFile[] =
    form === "lines"
      ? [[linesFile, await closedBytes(archive, closed)]]
      : closed.flatMap((month) => (files.includes(month) ? [[`${month}.json`] as const] : []));
  const nodes = (await plain("nodes")).filter((path) => path.endsWith("/node.json"));
  return [
    ["settlement.json"],
    ...nodes.map((path) => [path] as const),
    ...events,
    // What a killed process left lies under a name that begins with a dot.
    ...published.filter((path) => !/\/\.[^/]*$/.test(path)).map((path) => [path] as const),
  ];
}
