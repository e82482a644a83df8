import { SettlementError } from "../core/error.ts";
import { trustJson } from "../core/trust.ts";
import { byId, el } from "./dom.ts";
import { builtInPins, type Pin, type PinKind, type PinSource, parsePin, pinText, trustOf, withPins } from "./pins.ts";

const kinds: readonly (readonly [kind: PinKind, title: string, about: string])[] = [
  ["publisher", "Publishers of validator lists", "They say who the validators of a network are."],
  ["account", "Accounts that anchor", "A proof by another account of the same network fails."],
  ["log", "Settlement keys", "They sign what a ledger’s own node closed and saw."],
];

const sources: Readonly<Record<PinSource, string>> = {
  "built-in": "built in",
  you: "added by you",
  file: "from the trust file",
  server: "this server says so",
};

export interface PinsPanel {
  /** Draws what is believed now. */
  show(): void;
}

export interface PinsActs {
  /** What is believed now. */
  current(): readonly Pin[];
  change(pins: readonly Pin[], announcement: string): void;
  /** Asks the server of this page what it pins. */
  askServer(): void;
}

function row(pin: Pin, { current, change }: PinsActs): HTMLLIElement {
  const text = pinText(pin);
  const remove = el("button", { type: "button", class: "small", "aria-label": `Remove ${text}` }, "Remove");
  remove.addEventListener("click", () => {
    const rest = current().filter((each) => each !== pin);
    change(rest, `Removed. ${rest.length} pins are left.`);
    byId("pins").focus();
  });
  const source = el("span", { class: `source ${pin.source}` }, sources[pin.source]);
  return el("li", {}, el("code", {}, text), el("span", { class: "by" }, source, " ", remove));
}

function list(kind: PinKind, title: string, about: string, acts: PinsActs): readonly HTMLElement[] {
  const own = acts.current().filter((pin) => pin.kind === kind);
  const rows = own.map((pin) => row(pin, acts));
  return [
    el("h3", {}, title),
    el("p", { class: "about" }, about),
    own.length === 0 ? el("p", { class: "none" }, "None is pinned.") : el("ul", { class: "pins" }, ...rows),
  ];
}

function field(id: string): HTMLInputElement {
  return byId(id) as HTMLInputElement;
}

/** Takes what was typed; what is wrong with it is said beside the field. */
function add(acts: PinsActs): void {
  const error = byId("pin-error");
  try {
    const pin = parsePin(field("pin-text").value, field("pin-network").value.trim());
    acts.change(withPins(acts.current(), [pin]), `Pinned ${pinText(pin)}.`);
    field("pin-text").value = "";
    error.textContent = "";
    field("pin-text").removeAttribute("aria-invalid");
  } catch (thrown) {
    if (!(thrown instanceof SettlementError)) throw thrown;
    error.replaceChildren(el("span", {}, thrown.message));
    field("pin-text").setAttribute("aria-invalid", "true");
    field("pin-text").focus();
  }
}

function save(acts: PinsActs): void {
  const text = `${JSON.stringify(trustJson(trustOf(acts.current())), null, 2)}\n`;
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  el("a", { href: url, download: "trust.json" }).click();
  URL.revokeObjectURL(url);
}

/** What the reader trusts, to be seen and changed. */
export function pinsPanel(acts: PinsActs): PinsPanel {
  byId("pin-form").addEventListener("submit", (event) => {
    event.preventDefault();
    add(acts);
  });
  byId("pins-reset").addEventListener("click", () => acts.change(builtInPins, "Only the built-in pins are left."));
  byId("pins-save").addEventListener("click", () => save(acts));
  byId("pins-server").addEventListener("click", () => acts.askServer());
  byId("server-pins").hidden = !window.location.protocol.startsWith("http");
  return {
    show() {
      byId("pins").replaceChildren(...kinds.flatMap(([kind, title, about]) => list(kind, title, about, acts)));
    },
  };
}
