import { folderTree } from "../../src/adapters/folder-tree.ts";
import type { FindingCode } from "../../src/validate/finding-codes.ts";
import { type Files, type Json, pemOf } from "../support/build-ledger.ts";

/** The files of a folder as texts. */
export async function filesIn(folder: string): Promise<Files> {
  const tree = folderTree(folder);
  const files: Files = {};
  for (const { path, kind } of await tree.entries("")) {
    if (kind === "file") files[path] = Buffer.from((await tree.read(path)) ?? []).toString("utf8");
  }
  return files;
}

/** One list made of the files of the months. */
export function asList(files: Files): Files {
  const months = Object.keys(files).filter((path) => /^\d{4}-\d\d\.json$/.test(path));
  const lines = months.flatMap((path) => linesOf(files, path).map((line) => line.replace(/^,/, "")));
  const others = Object.entries(files).filter(([path]) => !months.includes(path));
  return { ...Object.fromEntries(others), "events/events.jsonl": `${lines.join("\n")}\n` };
}

export function linesOf(files: Files, path: string): string[] {
  return (files[path] ?? "").split("\n").slice(1, -2);
}

export const [january, february] = ["2024-01.json", "2024-02.json"];

export const lines =
  (path: string, change: (lines: string[]) => string[]) =>
  (files: Files): Files => ({ ...files, [path]: `[\n${change(linesOf(files, path)).join("\n")}\n]\n` });

const line =
  (path: string, at: number, change: (line: string) => string) =>
  (files: Files): Files =>
    lines(path, (all) => all.map((text, index) => (index === at ? change(text) : text)))(files);

/** Another signature of the same length. */
const forged = (text: string): string =>
  text.replace(/"(signature|value)":"(.)/, (_, name, first) => `"${name}":"${first === "A" ? "B" : "A"}`);

/** Ledgers of two months, the first of which is closed, that something is done to. */
export const alterations: readonly {
  readonly name: string;
  readonly alter: (files: Files) => Files;
  readonly codes: readonly FindingCode[];
}[] = [
  { name: "nothing", alter: (files) => files, codes: [] },
  {
    name: "a signature in the middle of a closed month",
    alter: line(january, 400, forged),
    codes: ["SIGNATURE_INVALID", "EVIDENCE_MISMATCH"],
  },
  {
    name: "a copy in another month",
    alter: (files) => lines(february, (all) => [...all, `,${linesOf(files, january)[7]?.slice(1)}`])(files),
    codes: ["EVENT_DUPLICATE_ID"],
  },
  {
    name: "a line that is no JSON",
    alter: line(february, 550, (text) => text.replace(":", ";")),
    codes: ["JSON_MALFORMED"],
  },
  {
    name: "two events on one line, far into the file",
    alter: (files) =>
      lines(february, (all) => [...all.slice(0, 548), `${all[548]}${all[549]}`, ...all.slice(550)])(files),
    codes: [],
  },
  { name: "a space before an event", alter: line(february, 500, (text) => `, ${text.slice(1)}`), codes: [] },
  {
    name: "a torn end",
    alter: (files) => ({ ...files, [february]: (files[february] ?? "").slice(0, -90) }),
    codes: ["PARTITION_TORN"],
  },
  {
    name: "a content that was altered",
    alter: line(february, 300, (text) => text.replace("2024-02", "2024-03")),
    codes: ["EVENT_ID_MISMATCH"],
  },
  {
    name: "a node that is gone",
    alter: (files) => Object.fromEntries(Object.entries(files).filter(([path]) => !path.includes("node-3/"))),
    codes: ["SIGNER_NOT_REGISTERED"],
  },
  {
    name: "a key that another node has too",
    alter: (files) => {
      const path = "nodes/audit/one/node.json";
      const node = JSON.parse(files[path] ?? "{}") as { maintainers: Json[] };
      const other = JSON.parse(files["nodes/audit/two/node.json"] ?? "{}") as { maintainers: Json[] };
      const text = JSON.stringify({ ...node, maintainers: [...node.maintainers, ...other.maintainers] });
      return { ...files, [path]: text };
    },
    codes: ["NODE_KEY_SHARED"],
  },
  {
    name: "another key",
    alter: (files) => {
      const path = "nodes/bench/node-2/node.json";
      const node = JSON.parse(files[path] ?? "{}") as { maintainers: Json[] };
      const [key] = node.maintainers;
      return { ...files, [path]: JSON.stringify({ ...node, maintainers: [{ ...key, publicKey: pemOf("other") }] }) };
    },
    codes: ["SIGNATURE_INVALID"],
  },
];
