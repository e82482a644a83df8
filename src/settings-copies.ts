/** An address of files: http or https, and nothing in it that is no place. */
function isBase(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || url.username !== "" || url.password !== "" || /[?#\s]/.test(text)) return false;
  return url.protocol === "https:" || url.protocol === "http:";
}

/** Settings about static copies of a ledger; part of `settings`. */
export const copySettings = {
  from: {
    kind: "text",
    holder: "URL",
    about: "address of a static copy of the ledger, of which only what the proof takes is fetched; instead of --ledger",
    form: ["an address such as https://ledger.example.org/", isBase],
  },
} as const;
