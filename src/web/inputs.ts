import { byId } from "./dom.ts";

/** More files than anybody drops on purpose are left alone. */
const maxFiles = 20;

export interface Given {
  files(files: readonly File[]): void;
  text(text: string): void;
}

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
}

function filesOf(transfer: DataTransfer | null): readonly File[] {
  return Array.from(transfer?.files ?? []).slice(0, maxFiles);
}

function takeDrops(given: Given): void {
  const mark = (isOver: boolean): void => void document.body.classList.toggle("dragging", isOver);
  window.addEventListener("dragover", (event) => {
    event.preventDefault();
    mark(true);
  });
  window.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) mark(false);
  });
  window.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(false);
    const files = filesOf(event.dataTransfer);
    const text = event.dataTransfer?.getData("text/plain") ?? "";
    if (files.length > 0) given.files(files);
    else if (text !== "") given.text(text);
  });
}

/** Every way in which somebody hands a file to the page. */
export function takeInputs(given: Given): void {
  takeDrops(given);
  const chooser = byId("files") as HTMLInputElement;
  chooser.addEventListener("change", () => {
    const files = Array.from(chooser.files ?? []).slice(0, maxFiles);
    // The same file can be chosen again, after it was changed.
    chooser.value = "";
    if (files.length > 0) given.files(files);
  });
  window.addEventListener("paste", (event) => {
    if (isField(event.target)) return;
    const files = filesOf(event.clipboardData);
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (files.length > 0) given.files(files);
    else if (text.trim() !== "") given.text(text);
  });
  byId("paste-form").addEventListener("submit", (event) => {
    event.preventDefault();
    given.text((byId("paste-text") as HTMLTextAreaElement).value);
  });
}
