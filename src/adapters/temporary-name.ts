/** Path of a temporary file in the same folder. @param unique - what no other has in its name */
export function temporaryBeside(path: string, unique: string): string {
  const at = path.lastIndexOf("/") + 1;
  return `${path.slice(0, at)}.${path.slice(at)}.${unique}.tmp`;
}
