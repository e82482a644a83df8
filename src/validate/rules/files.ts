import type { TreeEntry } from "../../ports.ts";
import type { RuleContext } from "../rule.ts";

type Role = "file" | "folder" | "free" | "bad month" | "other spelling" | "unknown";

const month = "(?!9999)\\d{4}-(?:0[1-9]|1[0-2])";
const part = "(?!\\.{1,2}(?:/|$))[A-Za-z0-9_.-]{1,100}";
const published =
  "manifest\\.json|evidence\\.json|nodes\\.json|checkpoint|ledger-checkpoint|receipt\\.json|xpop\\.json";

const monthFile = new RegExp(`^${month}\\.json$`);

/** What belongs at a path of the ledger folder; the first pattern that fits decides. */
const roles: readonly (readonly [RegExp, Role])[] = [
  [/^\.|(^|\/)(\.[^/]*|README(\.md)?|LICENSE(\.md)?)$/, "free"],
  [/^(nodes|anchors|events)$/, "folder"],
  [/^(settlement\.json|events\/events\.jsonl)$/, "file"],
  [monthFile, "file"],
  [/^\d{4}-\d+[^/]*\.json$/i, "bad month"],
  [new RegExp(`^nodes/${part}(/${part})?$`), "folder"],
  [new RegExp(`^nodes/${part}/${part}/(node|repomesh\\.profile|repomesh\\.overrides)\\.json$`), "file"],
  [new RegExp(`^anchors/${month}(/(ledger-)?tile|/index)?$`), "folder"],
  [new RegExp(`^anchors/${month}/(${published})$`), "file"],
  [new RegExp(`^anchors/${month}/((ledger-)?tile|index)/`), "free"],
  [new RegExp(`^anchors/(?!${month}/)[^/]*$`), "bad month"],
];

function roleOf(path: string): Role {
  const own = ownRole(path);
  const other = own === "unknown" && ownRole(foldedPath(path));
  if (other === "file" || other === "folder") return monthFile.test(foldedPath(path)) ? "bad month" : "other spelling";
  return other === "bad month" ? other : own;
}

function ownRole(path: string): Role {
  return roles.find(([pattern]) => pattern.test(path))?.[1] ?? "unknown";
}

/** What file systems make of the last name of a path: without case, compatible and invisible characters, what they cut off. */
function foldedPath(path: string): string {
  const start = path.lastIndexOf("/") + 1;
  const folded = path.slice(start).normalize("NFKC").toUpperCase().toLowerCase();
  const visible = folded.replaceAll(/[\p{Default_Ignorable_Code_Point}\p{Cc}]/gu, "").replaceAll(/\p{Dash}/gu, "-");
  const name = visible.replace(/:.*$/s, "").replace(/[. ]+$/, "");
  return path.slice(0, start) + name.trimStart();
}

function judge({ path, kind }: TreeEntry, role: Role, { sink }: RuleContext): void {
  const place = { file: path };
  const isFile = kind === "file" || kind === "executable";
  if (role === "bad month") {
    sink.add("MONTH_MALFORMED", place, "this is named almost like a month, which is written YYYY-MM");
  } else if (role === "other spelling") {
    const other = foldedPath(path);
    sink.add(
      "FILE_NAME_ALIAS",
      place,
      `${JSON.stringify(path)} is ${other} to some file systems, and is not read as that`,
    );
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
  const reported = new Set<string>();
  for (const entry of ledger.tree.values()) {
    const path = entry.path.slice(ledger.root.length);
    // One word about a folder is enough for all that is in it.
    if (reported.has(entry.path.slice(0, entry.path.lastIndexOf("/")))) {
      reported.add(entry.path);
      continue;
    }
    const role = roleOf(path);
    if (role === "bad month" || role === "other spelling" || role === "unknown") reported.add(entry.path);
    judge(entry, role, context);
    const folded = path.toLowerCase();
    const twin = seen.get(folded);
    if (twin !== undefined) sink.add("FILE_NAME_CLASH", { file: entry.path }, `differs from ${twin} only in case`);
    seen.set(folded, entry.path);
  }
}
