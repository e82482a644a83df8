import { factsFile } from "../../../adapters/static-site.ts";
import { statusOfKind } from "../../../core/error-status.ts";
import { SettlementError } from "../../../core/error.ts";
import { parseNodeId } from "../../../core/node-id.ts";
import { parseId, parseVersion } from "../../../core/parameters.ts";
import { type ConsoleData, type MonthFile, NoAnswer, type NodeSummary, type ServerFacts } from "../data.ts";
import { eventOf, eventsFile, eventsOf, nodeOf } from "./copy-events.ts";
import { anchorsOf, monthDetail, monthList } from "./copy-months.ts";
import { blobOf, consistencyOf, type CopyProver, copyProver, verificationLink } from "./copy-proofs.ts";
import { copyJudge, type JudgeRelease } from "./copy-releases.ts";
import { fileAt } from "./copy-urls.ts";
import { type Copy, jsonAt, openCopy } from "./open-copy.ts";

/**
 * What went wrong, as every page of the console takes it: by its kind alone. Where a copy contradicts itself no server is
 * at fault, so `LEDGER_REFUTED` is 422 here, and 500 over HTTP.
 */
async function answered<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof SettlementError) throw new NoAnswer(statusOfKind[error.kind], error.code, error.message);
    throw error;
  }
}

const monthFiles: Readonly<Record<MonthFile, string>> = {
  checkpoint: "checkpoint",
  "ledger-checkpoint": "ledger-checkpoint",
  receipt: "receipt.json",
  xpop: "xpop.json",
};

async function monthFile(copy: Copy, text: string, name: MonthFile): Promise<Uint8Array> {
  const { month } = await copy.month(text);
  const bytes = await copy.archive.read(month, monthFiles[name]);
  if (bytes) return bytes;
  throw new SettlementError("PARTITION_NOT_PROVEN", `this copy has no ${monthFiles[name]} of ${month}`);
}

async function nodeJson(copy: Copy, text: string): ReturnType<ConsoleData["node"]> {
  const id = parseNodeId(text);
  const node = await nodeOf(copy, id);
  if (node) return node.json;
  throw new SettlementError("NODE_NOT_FOUND", `this copy registers no node ${id}`);
}

/** @param base - the folder that holds the copy and the page, ending in a slash */
export function copyData(base: URL): ConsoleData {
  let opened: Promise<Copy> | undefined;
  let known: Copy | undefined;
  /** Files that say what was answered before, by the path at which a node would answer it. */
  const found = new Map<string, string>();
  const open = (): Promise<Copy> => {
    const opening = (opened ??= openCopy(base).then((copy) => (known = copy)));
    // Whoever asks again may find the host awake.
    void opening.catch(() => (opened = undefined));
    return opening;
  };
  const ask = <T>(work: (copy: Copy) => Promise<T> | T): Promise<T> => answered(open().then(work));
  const facts = async (copy: Copy): Promise<ServerFacts> => (await jsonAt(copy, factsFile)) as unknown as ServerFacts;
  let made: { readonly prover: CopyProver; readonly judge: JudgeRelease } | undefined;
  const makers = (copy: Copy): NonNullable<typeof made> => {
    if (made) return made;
    const prover = copyProver(copy);
    return (made = { prover, judge: copyJudge(copy, prover, () => facts(copy)) });
  };
  const proof = (id: string): Promise<Uint8Array> => ask((copy) => makers(copy).prover.prove(parseId("id", id)));
  const urlOf = (path: string): string | undefined => {
    const file = found.get(path) ?? fileAt(path, known);
    return file === undefined ? undefined : new URL(file, base).pathname;
  };
  return {
    source: "copy",
    copied: () => ask(({ site }) => ({ at: site.exportedAt, through: site.months.at(-1)?.month ?? "" })),
    facts: () => ask(facts),
    months: () => ask(({ site }) => monthList(site)),
    month: (month) => ask(async (copy) => monthDetail(copy.site, await copy.month(month))),
    monthFile: (month, name) => ask((copy) => monthFile(copy, month, name)),
    events: (query) => ask((copy) => eventsOf(copy, query)),
    event: (id) =>
      ask(async (copy) => {
        const entry = await eventOf(copy, parseId("id", id));
        found.set(`v1/events/${id}`, eventsFile(copy, entry.month));
        return entry;
      }),
    proof,
    nodes: () => ask(async (copy) => (await jsonAt(copy, "registry/nodes.json")) as unknown as readonly NodeSummary[]),
    node: (id) => ask((copy) => nodeJson(copy, id)),
    release: (repo, version) => ask((copy) => makers(copy).judge(parseNodeId(repo), parseVersion("version", version))),
    anchors: () => ask(({ site }) => anchorsOf(site)),
    anchorBlob: (hash) => ask((copy) => blobOf(copy, hash)),
    consistency: (oldSize, newSize) => ask((copy) => consistencyOf(copy, oldSize, newSize)),
    urlOf,
    verificationOf: async (id) => verificationLink(urlOf("verify") ?? "", await proof(id)),
    // A copy stays as it is.
    listen: () => () => undefined,
  };
}
