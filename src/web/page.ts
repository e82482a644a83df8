import { utf8 } from "../core/bytes.ts";
import { byId, el } from "./dom.ts";
import { takeInputs } from "./inputs.ts";
import { type NamedFile, type Opened, refusal } from "./judge-file.ts";
import type { Open } from "./judge-worker.ts";
import { parseLink } from "./link.ts";
import { loadFile, loadLink, loadServerInfo } from "./load-proof.ts";
import { builtInPins, filePins, type Pin, serverPins, trustOf, withPins } from "./pins.ts";
import { showChain } from "./show-chain.ts";
import { type PinsPanel, pinsPanel } from "./show-pins.ts";
import { showVerdict, spokenVerdict } from "./show-verdict.ts";

interface Page {
  readonly open: Open;
  readonly panel: PinsPanel;
  pins: readonly Pin[];
  /** The proof whose verdict is shown. */
  shown: Handed | undefined;
  /** What was handed in last, be it still under way: it is judged again when the pins change. */
  handed: Handed | undefined;
  /** Counts what was handed in: what loads slowly must not replace what came later. */
  turn: number;
}

/** How files came to the page. */
interface Handing {
  /** A link may bring a proof and never what to believe. */
  readonly takesTrust: boolean;
  /** Whoever hands in a file is led to its verdict; whoever changes a pin stays there. */
  readonly movesFocus: boolean;
}

interface Handed {
  readonly files: readonly NamedFile[];
  readonly handing: Handing;
}

const byHand: Handing = { takesTrust: true, movesFocus: true };
const byLink: Handing = { takesTrust: false, movesFocus: false };

function say(id: "status" | "note" | "pin-error", text: string): void {
  byId(id).replaceChildren(...(text === "" ? [] : [el("span", {}, text)]));
}

/** What else came of a handful of files, beside the verdict. */
function noteText({ trust, leftOut }: Opened): string {
  const silent = trust?.isSilentOnPublishers ? " It names no publishers, so the built-in ones are pinned." : "";
  const replaced = trust ? [`The pins of ${trust.name} replace all earlier ones.${silent}`] : [];
  const others = leftOut.length === 0 ? [] : [`One proof is shown at a time; left out: ${leftOut.join(", ")}.`];
  return [...replaced, ...others].join(" ");
}

function showResult({ file, judged }: NonNullable<Opened["result"]>, page: Page): void {
  // Pins change nothing about what cannot be read.
  page.shown = judged.kind === "refused" ? undefined : { files: [file], handing: byLink };
  page.handed = page.shown;
  const isServerTrusted = page.pins.some(({ source }) => source === "server");
  showVerdict(byId("verdict"), { file, judged, isServerTrusted });
  showChain(byId("chain"), judged);
}

function settle(opened: Opened, page: Page, { movesFocus }: Handing, note: string): void {
  const { trust, result } = opened;
  if (trust) {
    page.pins = filePins(trust);
    page.panel.show();
  }
  say("note", note);
  if (result) showResult(result, page);
  say("status", [...(result ? [spokenVerdict(result.judged)] : []), note].join(" "));
  if (result && movesFocus) byId("verdict-word").focus();
}

function setBusy(isBusy: boolean): void {
  document.body.classList.toggle("checking", isBusy);
  byId("progress").hidden = !isBusy;
  if (isBusy) say("status", "Checking…");
}

/** Judges files that are at hand. */
async function judge(page: Page, handed: Handed, before = ""): Promise<void> {
  page.handed = handed;
  setBusy(true);
  const { files, handing } = handed;
  const opened = await page.open({ files, trust: trustOf(page.pins), takesTrust: handing.takesTrust });
  if (!opened) return;
  setBusy(false);
  const note = before + noteText(opened);
  settle(opened, page, handing, note);
  if (opened.result) return;
  // A trust file alone says nothing of a proof, and changes what is known of the one that is shown.
  page.handed = page.shown;
  if (page.shown) await judge(page, page.shown, note);
}

/** Loads files and judges them, unless others were handed in meanwhile. */
async function take(
  page: Page,
  name: string,
  load: () => Promise<readonly NamedFile[]>,
  handing: Handing,
): Promise<void> {
  const turn = ++page.turn;
  setBusy(true);
  try {
    const files = await load();
    if (turn === page.turn) await judge(page, { files, handing });
  } catch (error) {
    if (turn !== page.turn) return;
    setBusy(false);
    const result = { file: { name, bytes: new Uint8Array() }, judged: refusal(error) };
    settle({ trust: null, result, leftOut: [] }, page, handing, "");
  }
}

/** Takes a proof that is no longer shown out of the address, so that it is not passed on with another one. */
function forgetLink(): void {
  if (parseLink(window.location).kind === "none") return;
  const url = new URL(window.location.href);
  url.hash = "";
  if (url.protocol !== "file:") url.searchParams.delete("src");
  window.history.replaceState(null, "", url);
}

function followLink(page: Page): void {
  const link = parseLink(window.location);
  if (link.kind !== "none") void take(page, "the link", async () => [await loadLink(link)], byLink);
}

function believe(page: Page, pins: readonly Pin[], announcement: string): void {
  page.pins = pins;
  page.panel.show();
  say("note", "");
  if (page.handed) void judge(page, page.handed);
  else say("status", announcement);
}

async function askServer(page: Page): Promise<void> {
  try {
    const said = serverPins((await loadServerInfo()).bytes);
    believe(page, withPins(page.pins, said), `${said.length} pins were told by this server.`);
    say("pin-error", said.length === 0 ? "This server names no key and no account." : "");
  } catch (error) {
    say("pin-error", refusal(error).message);
  }
}

/** Brings the page to life. */
export function startPage(open: Open): void {
  const panel = pinsPanel({
    current: () => page.pins,
    change: (pins, announcement) => believe(page, pins, announcement),
    askServer: () => void askServer(page),
  });
  const page: Page = { open, panel, pins: builtInPins, shown: undefined, handed: undefined, turn: 0 };
  panel.show();
  // A browser may have saved the page with a verdict on it, which nobody has come to here.
  for (const id of ["verdict", "chain"]) {
    byId(id).hidden = true;
    byId(id).replaceChildren();
  }
  takeInputs({
    files(files) {
      forgetLink();
      const names = files.map(({ name }) => name).join(", ");
      void take(page, names, () => Promise.all(files.map(loadFile)), byHand);
    },
    text(text) {
      forgetLink();
      void take(
        page,
        "the pasted text",
        () => Promise.resolve([{ name: "the pasted text", bytes: utf8(text) }]),
        byHand,
      );
    },
  });
  window.addEventListener("hashchange", () => followLink(page));
  byId("save-page").hidden = window.location.protocol === "file:";
  document.documentElement.classList.add("ready");
  followLink(page);
}
