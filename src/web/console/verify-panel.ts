import { byId, el } from "../dom.ts";
import type { NamedFile } from "../judge-file.ts";
import { builtInPins, serverPins, trustOf, withPins } from "../pins.ts";
import { showChain } from "../show-chain.ts";
import { showVerdict, spokenVerdict } from "../show-verdict.ts";
import { utf8 } from "../../core/bytes.ts";
import { type ConsoleData, NoAnswer } from "./data.ts";
import type { Desk } from "./desk.ts";
import { button, faultBox, link, paragraph, save } from "./parts.ts";

/** A proof that can be had, and what it is saved as. */
export interface Provable {
  readonly name: string;
  load(): Promise<Uint8Array>;
}

interface Panel {
  readonly desk: Desk;
  readonly provable: Provable;
  readonly takesServer: HTMLInputElement;
  readonly fault: HTMLElement;
  readonly verdict: HTMLElement;
  readonly chain: HTMLElement;
}

async function verify({ desk, provable, takesServer, verdict, chain }: Panel): Promise<void> {
  const bytes = await provable.load();
  const isServerTrusted = takesServer.checked;
  const said = isServerTrusted ? serverPins(utf8(JSON.stringify(await desk.data.facts()))) : [];
  const file: NamedFile = { name: provable.name, bytes };
  const trust = trustOf(withPins(builtInPins, said));
  const opened = await desk.open({ files: [file], trust, takesTrust: false });
  if (!opened?.result) return;
  const { judged } = opened.result;
  showVerdict(verdict, { file, judged, isServerTrusted });
  showChain(chain, judged);
  desk.say(spokenVerdict(judged));
  byId("verdict-word").focus();
}

async function tried({ fault }: Panel, made: HTMLButtonElement, act: () => Promise<void>): Promise<void> {
  made.disabled = true;
  fault.replaceChildren();
  try {
    await act();
  } catch (error) {
    fault.replaceChildren(faultBox(error));
  } finally {
    made.disabled = false;
  }
}

/** Where the verification page opens with a proof; undefined where there is no proof to be had. */
export async function verificationLink(data: ConsoleData, id: string): Promise<string | undefined> {
  try {
    return await data.verificationOf(id);
  } catch (error) {
    if (error instanceof NoAnswer) return undefined;
    throw error;
  }
}

/** Takes a proof away, or verifies it on this device by the same core as everywhere. */
export function verifyPanel(desk: Desk, provable: Provable, page?: string): readonly HTMLElement[] {
  const takesServer = el("input", { type: "checkbox", id: "take-server" });
  const fault = el("div", {});
  const verdict = el("section", { class: "verdict", "aria-labelledby": "verdict-word" });
  const chain = el("section", { "aria-labelledby": "chain-title" });
  verdict.hidden = true;
  chain.hidden = true;
  const panel: Panel = { desk, provable, takesServer, fault, verdict, chain };
  const here: HTMLButtonElement = button("Verify here", () => void tried(panel, here, () => verify(panel)), "main");
  const away: HTMLButtonElement = button(
    "Download proof",
    () => void tried(panel, away, async () => save(provable.name, await provable.load())),
  );
  const elsewhere = page === undefined ? [] : [el("a", { href: page }, "Open it in the verification page")];
  return [
    el("p", { class: "acts" }, here, away, ...elsewhere),
    el(
      "p",
      { class: "about" },
      takesServer,
      " ",
      el(
        "label",
        { for: "take-server", class: "inline" },
        `Take this ${desk.data.source}’s word for its key and accounts`,
      ),
      ". Without it the proof is held against the validators’ lists of the public networks alone; what you believe yourself you can pin on the verification page.",
    ),
    fault,
    verdict,
    chain,
  ];
}

/** What an open month has instead of a proof. */
export function noProofYet(month: string): HTMLElement {
  return paragraph(
    "There is a proof once its month is closed. ",
    link({ kind: "month", month }, `How far ${month} is`),
    ".",
  );
}
