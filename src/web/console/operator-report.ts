import { type Child, el } from "../dom.ts";
import type { AuditEntry, OperatorData } from "./operator-data.ts";
import type { Desk } from "./desk.ts";
import { cellText } from "./event-words.ts";
import { countText } from "./format.ts";
import { button, cutText, faultBox, type Row, section, sourceLine, table, time } from "./parts.ts";

/** Judging reads every event, so it is done when it is asked for. */
export function findingsPart(operator: OperatorData, desk: Desk): HTMLElement {
  const told = el("div", { class: "told", role: "status" });
  const look = async (): Promise<void> => {
    run.disabled = true;
    told.replaceChildren("Every rule is checked…");
    try {
      const { at, findings } = await operator.findings();
      const when = at === null ? [] : [" (", time(at), ")"];
      told.replaceChildren(...findingsText(findings), ...when);
    } catch (error) {
      told.replaceChildren(faultBox(error));
    } finally {
      run.disabled = false;
    }
  };
  const run = button("Validate the ledger now", () => void look());
  return section(
    "findings-title",
    "The validator’s report",
    el("p", { class: "acts" }, run),
    told,
    sourceLine(desk.data.urlOf("v1/admin/findings")),
  );
}

function findingsText(findings: readonly string[] | null): readonly Child[] {
  if (findings === null) return ["This process does not validate; settlement validate does."];
  if (findings.length === 0) return ["✓ The ledger keeps every rule."];
  const items = findings.slice(0, 100).map((text) => el("li", {}, cutText(text, 400)));
  return [`✗ ${countText(findings.length, "fault")}:`, el("ul", {}, ...items)];
}

/** What operators made the node do. */
export function auditPart(entries: readonly AuditEntry[], url: string | undefined): HTMLElement {
  const rows = entries.map(({ at, actor, act, detail, outcome }): Row => [
    time(at),
    cellText(actor),
    cellText(act),
    cellText(detail) || "—",
    cellText(outcome),
  ]);
  const head = ["When", "Who", "Act", "What", "Outcome"];
  const none = el("p", { class: "none" }, "Nobody made the node do anything yet.");
  return section(
    "audit-title",
    "Audit log, newest first",
    rows.length === 0 ? none : table("Audit log", head, rows),
    sourceLine(url),
  );
}
