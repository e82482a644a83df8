import { type DirectoryNode, u64Hex } from "./entry.ts";
import { directoryPageKey, ownerDirectoryKey } from "./keys.ts";
import { type Workspace } from "./workspace.ts";

/** Keys on one page. */
const pageSize = 32;

function page(workspace: Workspace, rootKey: string, number: number): DirectoryNode {
  const node = workspace.peek(directoryPageKey(rootKey, number)) as DirectoryNode | undefined;
  if (!node) throw new Error(`page ${number} of directory ${rootKey} is not there`);
  return node;
}

function link(hex: string | undefined): number {
  return Number.parseInt(hex ?? "0", 16);
}

/**
 * Puts `key` into the owner directory of `owner` and returns the page it is on (rippled `ApplyView::dirAdd`, sorted
 * pages): the last page, or a new one behind it when that is full.
 */
export function addToOwnerDirectory(workspace: Workspace, owner: string, key: string): number {
  const rootKey = ownerDirectoryKey(owner);
  const root = workspace.peek(rootKey) as DirectoryNode | undefined;
  const fresh: DirectoryNode = {
    LedgerEntryType: "DirectoryNode",
    Flags: 0,
    RootIndex: rootKey,
    Owner: owner,
    Indexes: [key],
  };
  if (!root) {
    workspace.insert(rootKey, fresh);
    return 0;
  }
  const lastNumber = link(root.IndexPrevious);
  const last = page(workspace, rootKey, lastNumber);
  if (last.Indexes.length < pageSize) {
    last.Indexes = [...last.Indexes, key].toSorted();
    return lastNumber;
  }
  const number = lastNumber + 1;
  last.IndexNext = u64Hex(number);
  root.IndexPrevious = u64Hex(number);
  if (number > 1) fresh.IndexPrevious = u64Hex(lastNumber);
  workspace.insert(directoryPageKey(rootKey, number), fresh);
  return number;
}

/**
 * Takes `key` off its page of the owner directory; pages left empty go (rippled `ApplyView::dirRemove`).
 *
 * @param keepRoot - an empty directory stays
 */
export function removeFromOwnerDirectory(
  workspace: Workspace,
  owner: string,
  { key, pageNumber, keepRoot }: { readonly key: string; readonly pageNumber: number; readonly keepRoot: boolean },
): void {
  const rootKey = ownerDirectoryKey(owner);
  const node = page(workspace, rootKey, pageNumber);
  node.Indexes = node.Indexes.filter((entry) => entry !== key);
  if (node.Indexes.length > 0) return;
  if (pageNumber === 0) removeRoot(workspace, rootKey, keepRoot);
  else removePage(workspace, rootKey, { number: pageNumber, keepRoot });
}

function removeRoot(workspace: Workspace, rootKey: string, keepRoot: boolean): void {
  const root = page(workspace, rootKey, 0);
  const next = link(root.IndexNext);
  if (next !== 0 && next === link(root.IndexPrevious) && page(workspace, rootKey, next).Indexes.length === 0) {
    root.IndexNext = u64Hex(0);
    root.IndexPrevious = u64Hex(0);
    workspace.erase(directoryPageKey(rootKey, next));
  }
  if (!keepRoot && link(root.IndexNext) === 0 && link(root.IndexPrevious) === 0) workspace.erase(rootKey);
}

function removePage(
  workspace: Workspace,
  rootKey: string,
  { number, keepRoot }: { readonly number: number; readonly keepRoot: boolean },
): void {
  const node = page(workspace, rootKey, number);
  const previousNumber = link(node.IndexPrevious);
  let nextNumber = link(node.IndexNext);
  const previous = page(workspace, rootKey, previousNumber);
  const next = page(workspace, rootKey, nextNumber);
  previous.IndexNext = u64Hex(nextNumber);
  next.IndexPrevious = u64Hex(previousNumber);
  workspace.erase(directoryPageKey(rootKey, number));
  if (nextNumber !== 0 && link(next.IndexNext) === 0 && next.Indexes.length === 0) {
    workspace.erase(directoryPageKey(rootKey, nextNumber));
    previous.IndexNext = u64Hex(0);
    page(workspace, rootKey, 0).IndexPrevious = u64Hex(previousNumber);
    nextNumber = 0;
  }
  const alone = nextNumber === 0 && previousNumber === 0;
  if (!keepRoot && alone && previous.Indexes.length === 0) workspace.erase(rootKey);
}

export function isOwnerDirectoryEmpty(root: DirectoryNode | undefined): boolean {
  return !root || (root.Indexes.length === 0 && link(root.IndexNext) === 0);
}
