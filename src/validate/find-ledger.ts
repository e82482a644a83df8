import { isMonth } from "../core/month.ts";
import type { FileTree, TreeEntry } from "../ports.ts";
import type { FindingSink } from "./finding.ts";

/** File of a ledger that keeps all its events in one list. */
export const linesPath = "events/events.jsonl";

/** A tree that may be able to list one folder without all that lies deeper, as a repository with much else in it needs. */
export type LedgerTree = FileTree & {
  children?(folder: string): Promise<readonly TreeEntry[]>;
  /**
   * A plain file piece by piece, each good until the next.
   *
   * @param from - byte to begin with
   * @throws SettlementError as `read`
   */
  blocks?(path: string, from?: number): AsyncIterable<Uint8Array>;
};

/** Names in a folder, or all that lies below it; nothing where it cannot be read, which is reported. */
export interface Listing {
  children(folder: string): Promise<readonly TreeEntry[]>;
  entries(folder: string): Promise<readonly TreeEntry[]>;
}

export function listing(tree: LedgerTree, sink: FindingSink): Listing {
  const safely = async (folder: string, list: () => Promise<readonly TreeEntry[]>): Promise<readonly TreeEntry[]> => {
    try {
      return await list();
    } catch (error) {
      sink.addError(error, { file: folder === "" ? "." : folder });
      return [];
    }
  };
  return {
    entries: (folder) => safely(folder, () => tree.entries(folder)),
    children: (folder) =>
      safely(folder, async () => {
        if (tree.children) return tree.children(folder);
        const start = folder === "" ? 0 : folder.length + 1;
        return (await tree.entries(folder)).filter(({ path }) => !path.includes("/", start));
      }),
  };
}

/** The month whose events a file of this path in the ledger folder holds. */
export function monthOfPath(path: string): string | undefined {
  const month = path.endsWith(".json") ? path.slice(0, -5) : "";
  return isMonth(month) ? month : undefined;
}

type Marks = "events or nodes" | "only settlement" | "nothing";

async function marksIn(folder: string, { children }: Listing): Promise<Marks> {
  const start = folder === "" ? 0 : folder.length + 1;
  const names = (await children(folder)).map(({ path }) => path.slice(start));
  const isEvents = (name: string): boolean => name === "nodes" || monthOfPath(name) !== undefined;
  const hasLines =
    names.includes("events") &&
    (await children(folder === "" ? "events" : `${folder}/events`)).some(({ path }) => path.slice(start) === linesPath);
  if (hasLines || names.some(isEvents)) return "events or nodes";
  return names.includes("settlement.json") || names.includes("anchors") ? "only settlement" : "nothing";
}

/**
 * Where in a tree the ledger is: `""` for the folder itself, `"ledger/"` in the repository that holds it, undefined when
 * there is none, which is reported.
 */
export async function findRoot(name: string, list: Listing, sink: FindingSink): Promise<"" | "ledger/" | undefined> {
  const [top, below] = [await marksIn("", list), await marksIn("ledger", list)];
  if (top === "events or nodes" && below === "events or nodes") {
    sink.add(
      "LEDGER_AMBIGUOUS",
      { file: "." },
      "both the folder and its ledger/ hold events or nodes; ledger/ was read",
    );
  }
  if (top === "nothing" && below === "nothing") {
    sink.add("LEDGER_NOT_FOUND", { file: "." }, `${name} is no ledger and holds none in ledger/`);
    return undefined;
  }
  return below === "nothing" || (below !== "events or nodes" && top === "events or nodes") ? "" : "ledger/";
}
