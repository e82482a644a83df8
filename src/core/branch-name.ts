/** Can this be nothing but the name of a branch? Narrower than git-check-ref-format(1): no option, pattern or range. */
export function isBranchName(text: string): boolean {
  return (
    text.length <= 200 &&
    /^[A-Za-z0-9_][A-Za-z0-9_.+-]*(\/[A-Za-z0-9_][A-Za-z0-9_.+-]*)*$/.test(text) &&
    !text.includes("..") &&
    text.split("/").every((part) => !part.endsWith(".lock") && !part.endsWith(".")) &&
    text !== "HEAD"
  );
}
