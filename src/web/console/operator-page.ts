import { definitions, el } from "../dom.ts";
import { attemptStory } from "./attempt-story.ts";
import { NoAnswer } from "./data.ts";
import type { AccountFacts, AttemptFacts, NodeStatus, OperatorData, QueueOverview } from "./operator-data.ts";
import type { Desk, View } from "./desk.ts";
import { cellText } from "./event-words.ts";
import { countText, numberText, nowUnixMs, spanText, xrpText } from "./format.ts";
import { dueText, statusBadge } from "./month-words.ts";
import { actButton, type ActDeps, goOnAct, monthForm, pauseAct, reconcileAct, retryAct } from "./operator-acts.ts";
import { auditPart, findingsPart } from "./operator-report.ts";
import { button, cutText, faultBox, link, paragraph, type Row, section, sourceLine, table, time } from "./parts.ts";

const attemptsShown = 24;

/** Takes a token in, which is kept by this page alone until it is closed. */
function signIn(desk: Desk, fault?: unknown): View {
  const field = el("input", { type: "password", id: "token", autocomplete: "off", spellcheck: "false", required: "" });
  const form = el(
    "form",
    { class: "fields" },
    el("div", { class: "field wide" }, el("label", { for: "token" }, "Admin token"), field),
    el("button", { type: "submit" }, "Go on"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    desk.signIn(field.value.trim());
    field.value = "";
    void desk.refresh();
  });
  return {
    title: "Operator",
    body: [
      paragraph(
        "For whoever runs this node: its queue, its transactions and its account, and what it can be made to do. The token is one of the node’s --admin-tokens-file.",
      ),
      ...(fault === undefined ? [] : [faultBox(fault)]),
      form,
      el(
        "p",
        { class: "about" },
        "It is kept in the memory of this page, sent to this server alone, and forgotten when the page is closed. Type it in over TLS only.",
      ),
    ],
  };
}

function waiting(
  { months }: NodeStatus,
  { failed }: QueueOverview,
  attempts: readonly AttemptFacts[],
  deps: ActDeps,
): HTMLElement {
  const stuck = months.filter(({ month, state }) => state === "rejected" || isFailed(attempts, month));
  const ofMonths = stuck.map(({ month, state, reason }) =>
    el(
      "li",
      {},
      link({ kind: "month", month }, month),
      " ",
      statusBadge(state),
      ": ",
      cutText(reason ?? "its last transaction failed; its story is told below", 500),
      " ",
      actButton(goOnAct(month), deps, "small"),
    ),
  );
  const ofJobs = failed.map(({ id, reason, failedAt }) =>
    el(
      "li",
      {},
      el("code", {}, cellText(id)),
      " failed at ",
      time(failedAt),
      ": ",
      cutText(reason, 500),
      " ",
      actButton(retryAct(id), deps, "small"),
    ),
  );
  const all = [...ofMonths, ...ofJobs];
  const damaged = months
    .filter(({ state }) => state === "damaged")
    .map(({ month }) =>
      el(
        "li",
        {},
        link({ kind: "month", month }, month),
        " ",
        statusBadge("damaged"),
        ": see the runbook before anything else",
      ),
    );
  const none = el("p", { class: "none" }, "Nothing waits for a human.");
  return section(
    "waiting-title",
    "What waits for you",
    all.length + damaged.length === 0 ? none : el("ul", { class: "waits" }, ...damaged, ...all),
  );
}

/** Is the last attempt of a month one that failed? */
function isFailed(attempts: readonly AttemptFacts[], month: string): boolean {
  return attempts.filter((each) => each.month === month).at(-1)?.state === "failed";
}

function queuePart({ paused, lanes }: QueueOverview, { schedule, next }: NodeStatus, deps: ActDeps): HTMLElement {
  const states = ["waiting", "active", "delayed", "failed"];
  const rows = Object.entries(lanes).map(([lane, counts]): Row => [
    lane,
    ...states.map((state) => numberText(counts[state] ?? 0)),
  ]);
  const { closeCron, checkpointCron, reconcileMinutes, graceMinutes } = schedule;
  const unknown = "not known to this process";
  const facts = definitions([
    ["Work", paused ? "✗ paused: nothing is closed or anchored" : "✓ goes on"],
    ["Due next", next ? dueText(next, nowUnixMs()) : "nothing yet"],
    ["Closing starts", closeCron === undefined ? unknown : `${closeCron} (cron, UTC)`],
    [
      "Grace",
      graceMinutes === undefined
        ? unknown
        : `${countText(graceMinutes, "minute")} (${spanText(graceMinutes * 60_000)}) after a month, for late events`,
    ],
    ["Catches up", reconcileMinutes === undefined ? unknown : `every ${countText(reconcileMinutes, "minute")}`],
    ...(checkpointCron === undefined ? [] : [["Interim checkpoints", `${checkpointCron} (cron, UTC)`] as const]),
  ]);
  const { data } = deps.desk;
  return section(
    "queue-title",
    "Queue and schedule",
    facts,
    table("Jobs by lane and state", ["Lane", "waiting (jobs)", "active", "delayed", "failed"], rows),
    el("p", { class: "acts" }, actButton(pauseAct(paused), deps), actButton(reconcileAct, deps)),
    monthForm(deps),
    sourceLine(data.urlOf("v1/admin/jobs"), "and status"),
  );
}

function yearsText(anchors: string): string {
  const months = Number(anchors);
  if (months < 24) return `about ${countText(months, "month")}`;
  return months > 1200 ? "more than a hundred years" : `about ${countText(Math.floor(months / 12), "year")}`;
}

function accountRows({
  account,
  isLow,
  balanceDrops,
  spendableDrops,
  feeDrops,
  anchorsLeft,
  anchorsInReserve,
}: AccountFacts): HTMLElement {
  return definitions([
    ["Account", el("code", {}, account)],
    ["Balance", `${xrpText(balanceDrops)}, ${xrpText(spendableDrops)} of it above the reserve`],
    ["One anchor costs", `${countText(feeDrops, "drop")} now`],
    [
      "It lasts for",
      `${isLow ? "✗ few: " : ""}${countText(anchorsLeft, "anchor")}: ${yearsText(anchorsLeft)} at one a month. The reserve pays for ${numberText(anchorsInReserve)} more.`,
    ],
  ]);
}

function accountPart({ account, validatedIndex }: NodeStatus, url: string | undefined): HTMLElement {
  const unknown = el(
    "p",
    { class: "none" },
    "This process has not looked at the network yet, or another one does that.",
  );
  const index =
    validatedIndex === null
      ? []
      : [paragraph(`Newest validated ledger when this node looked last: ${numberText(validatedIndex)}.`)];
  return section(
    "account-title",
    "Account",
    ...(account ? [accountRows(account)] : [unknown]),
    ...index,
    sourceLine(url),
  );
}

function attemptsPart(attempts: readonly AttemptFacts[], { validatedIndex }: NodeStatus, desk: Desk): HTMLElement {
  const shown = attempts.slice(-attemptsShown).toReversed();
  const rest = attempts.length - shown.length;
  return section(
    "attempts-title",
    "Transactions, newest first",
    ...(shown.length === 0
      ? [el("p", { class: "none" }, "None was signed yet.")]
      : shown.map((each) => attemptStory(each, desk, validatedIndex))),
    ...(rest > 0 ? [paragraph(`${numberText(rest)} older ones are left out.`)] : []),
    sourceLine(desk.data.urlOf("v1/admin/attempts")),
  );
}

async function dashboard(operator: OperatorData, desk: Desk): Promise<View> {
  const [queue, status, attempts, audit] = await Promise.all([
    operator.queue(),
    operator.status(),
    operator.attempts(),
    operator.audit(),
  ]);
  const faults = el("div", {});
  const deps: ActDeps = { desk, operator, faults };
  const leave = button("Forget the token", () => {
    desk.signIn(undefined);
    void desk.refresh();
  });
  const url = (name: string): string | undefined => desk.data.urlOf(`v1/admin/${name}`);
  return {
    title: "Operator",
    isLive: true,
    body: [
      faults,
      waiting(status, queue, attempts, deps),
      queuePart(queue, status, deps),
      accountPart(status, url("status")),
      attemptsPart(attempts, status, desk),
      auditPart(audit, url("audit")),
      findingsPart(operator, desk),
      el("p", { class: "acts" }, leave),
    ],
  };
}

/** What the node does, and what it can be made to do, for whoever bears a token. */
export async function operatorPage(desk: Desk): Promise<View> {
  const operator = desk.operator();
  if (!operator) return signIn(desk);
  try {
    return await dashboard(operator, desk);
  } catch (error) {
    if (!(error instanceof NoAnswer) || (error.status !== 401 && error.status !== 404)) throw error;
    desk.signIn(undefined);
    const isAbsent = error.status === 404;
    return signIn(
      desk,
      isAbsent
        ? new NoAnswer(404, error.code, "this node has no admin endpoints: it was started without --admin-tokens-file")
        : error,
    );
  }
}
