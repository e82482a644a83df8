import { isMonth } from "../../core/month.ts";
import { isNodeId } from "../../core/node-id.ts";
import type { TreeEntry } from "../../ports.ts";
import type { RuleContext } from "../rule.ts";

type Role = "file" | "folder" | "free" | "bad month" | "unknown";

const closedFiles = new Set([
  "manifest.json",
  "evidence.json",
  "nodes.json",
  "checkpoint",
  "ledger-checkpoint",
  "receipt.json",
  "xpop.json",
]);
const nodeFiles = new Set(["node.json", "repomesh.profile.json", "repomesh.overrides.json"]);
const freeNames = /^(\..*|README(\.md)?|LICENSE(\.md)?)$/;

/** What belongs at a path of the ledger folder. */
function roleOf(path: string): Role {
  const parts = path.split("/");
  const [top = "", second = "", third = "", fourth = ""] = parts;
  if (freeNames.test(parts.at(-1) ?? "") || top.startsWith(".")) return "free";
  const depth = parts.length;
  if (depth === 1) {
    if (["nodes", "anchors", "events"].includes(top)) return "folder";
    if (top === "settlement.json") return "file";
    if (!/^\d{4}-\d+.*\.json$/i.test(top)) return "unknown";
    return top.endsWith(".json") && isMonth(top.slice(0, -5)) ? "file" : "bad month";
  }
  if (top === "events") return path === "events/events.jsonl" ? "file" : "unknown";
  if (top === "nodes") {
    if (depth < 4) return isNodeId(depth === 2 ? `${second}/x` : `${second}/${third}`) ? "folder" : "unknown";
    return depth === 4 && nodeFiles.has(fourth) ? "file" : "unknown";
  }
  if (top !== "anchors") return "unknown";
  if (depth === 2) return isMonth(second) ? "folder" : "bad month";
  if (third === "tile") return depth === 3 ? "folder" : "free";
  return depth === 3 && closedFiles.has(third) ? "file" : "unknown";
}

function judge({ path, kind }: TreeEntry, role: Role, { sink }: RuleContext): void {
  const place = { file: path };
  const isFile = kind === "file" || kind === "executable";
  if (role === "bad month") {
    sink.add("MONTH_MALFORMED", place, "this is named almost like a month, which is written YYYY-MM");
  } else if (role === "unknown") {
    sink.add("FILE_UNKNOWN", place, `nothing of a ledger has this name${isFile ? "" : ` (${kind})`}`);
  } else if (role === "file" && !isFile) {
    sink.add("LEDGER_FILE_NOT_PLAIN", place, `a ${kind} stands where a plain file belongs`);
  } else if (role === "folder" && kind !== "folder") {
    sink.add("LEDGER_FILE_NOT_PLAIN", place, `a ${kind} stands where a folder belongs`);
  } else if (role === "file" && kind === "executable") {
    sink.add("FILE_EXECUTABLE", place, "a file of the ledger is executable");
  }
}

/** Every name in the ledger folder has its place, and is of the right kind. */
export function judgeFiles(context: RuleContext): void {
  const { ledger, sink } = context;
  const seen = new Map<string, string>();
  let reported: string | undefined;
  for (const entry of ledger.tree.values()) {
    const path = entry.path.slice(ledger.root.length);
    // One word about a folder is enough for all that is in it.
    if (reported !== undefined && entry.path.startsWith(`${reported}/`)) continue;
    const role = roleOf(path);
    if (role === "bad month" || role === "unknown") reported = entry.path;
    judge(entry, role, context);
    const folded = path.toLowerCase();
    const twin = seen.get(folded);
    if (twin !== undefined) sink.add("FILE_NAME_CLASH", { file: entry.path }, `differs from ${twin} only in case`);
    seen.set(folded, entry.path);
  }
}
