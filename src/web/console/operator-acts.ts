import { el } from "../dom.ts";
import type { ActName, OperatorData } from "./operator-data.ts";
import type { Desk } from "./desk.ts";
import { button, faultBox } from "./parts.ts";

/** Something an operator can have the node do. */
export interface Act {
  readonly name: ActName;
  readonly body: Readonly<Record<string, string>>;
  /** On the button. */
  readonly label: string;
  /** What will happen, in a sentence or two. */
  readonly about: string;
}

/** Asks once more before anything is done. Resolves to whether it was confirmed. */
function confirmed({ label, about }: Act): Promise<boolean> {
  const yes = el("button", { type: "submit", value: "yes", class: "main" }, label);
  const no = el("button", { type: "submit", value: "no" }, "Cancel");
  const dialog = el(
    "dialog",
    { "aria-labelledby": "confirm-title" },
    el("h2", { id: "confirm-title" }, `${label}?`),
    el("p", {}, about),
    el("p", { class: "about" }, "It will be in the audit log under the name of your token."),
    el("form", { method: "dialog", class: "acts" }, yes, no),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

export interface ActDeps {
  readonly desk: Desk;
  readonly operator: OperatorData;
  /** Where what went wrong is shown. */
  readonly faults: HTMLElement;
}

/** Does what was asked for, once it is confirmed, and shows what there is then. */
async function perform(act: Act, { desk, operator, faults }: ActDeps): Promise<void> {
  if (!(await confirmed(act))) return;
  try {
    await operator.act(act.name, act.body);
    await desk.refresh();
    desk.say(`${act.label}: the node was told. It is queued, and in the audit log.`);
  } catch (error) {
    faults.replaceChildren(faultBox(error));
  }
}

export function actButton(act: Act, deps: ActDeps, className = ""): HTMLButtonElement {
  return button(act.label, () => void perform(act, deps), className);
}

export function pauseAct(isPaused: boolean): Act {
  return isPaused
    ? { name: "resume", body: {}, label: "Resume", about: "Jobs are begun again." }
    : {
        name: "pause",
        body: {},
        label: "Pause",
        about: "No more jobs are begun, so no month is closed or anchored; those that run go on.",
      };
}

export const reconcileAct: Act = {
  name: "reconcile",
  body: {},
  label: "Compare and catch up",
  about:
    "What should be done is compared with what is, and the difference is queued. It happens by itself now and then.",
};

export function retryAct(job: string): Act {
  return {
    name: "retry",
    body: { job },
    label: `Run ${job} again`,
    about: "The failed job is queued once more. It fails again unless its reason is gone.",
  };
}

export function goOnAct(month: string): Act {
  return {
    name: "retry",
    body: { job: month },
    label: `Let ${month} go on`,
    about: `${month} waits for a human. Whatever stopped it is tried again: a rejected month is judged anew, and after a transaction that failed another one may be signed, which costs a fee.`,
  };
}

function monthAct(name: "close" | "anchor", month: string): Act {
  const body: Readonly<Record<string, string>> = month === "" ? {} : { month };
  const which = month === "" ? "every month that is due" : month;
  return name === "close"
    ? {
        name,
        body,
        label: `Close ${which}`,
        about: `${which} is closed for ever, if it is over and the ledger keeps its rules. No event can be added to it afterwards.`,
      }
    : {
        name,
        body,
        label: `Anchor ${which}`,
        about: `The root of ${which} is written to the XRP Ledger in a transaction that costs a fee, unless one was found there already.`,
      };
}

/** Closes or anchors a month that is typed in, or all that are due. */
export function monthForm(deps: ActDeps): HTMLFormElement {
  const field = el("input", {
    type: "text",
    id: "act-month",
    placeholder: "2026-03",
    pattern: "\\d{4}-\\d{2}",
    autocomplete: "off",
  });
  const form = el(
    "form",
    { class: "fields" },
    el("div", { class: "field" }, el("label", { for: "act-month" }, "Month; empty for all that are due"), field),
    el("button", { type: "submit", value: "close" }, "Close…"),
    el("button", { type: "submit", value: "anchor" }, "Anchor…"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const name = (event.submitter as HTMLButtonElement | null)?.value === "anchor" ? "anchor" : "close";
    void perform(monthAct(name, field.value.trim()), deps);
  });
  return form;
}
