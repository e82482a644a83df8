import type { Child } from "../dom.ts";
import type { Open } from "../judge-worker.ts";
import type { ConsoleData } from "./data.ts";
import type { OperatorData } from "./operator-data.ts";

/** What every page works with. */
export interface Desk {
  readonly data: ConsoleData;
  /** Judges proofs by the core, on this device. */
  readonly open: Open;
  /** Undefined until somebody typed a token in; it is forgotten with the page. */
  operator(): OperatorData | undefined;
  /** @param token - undefined forgets the one there is */
  signIn(token: string | undefined): void;
  /** Makes the page that is shown again, in place. */
  refresh(): Promise<void>;
  /** Is read out. */
  say(text: string): void;
}

/** A page as it is shown. */
export interface View {
  /** The first heading, and the title of the window. */
  readonly title: string;
  readonly body: readonly Child[];
  /** Is it made again when a month gets further? */
  readonly isLive?: boolean;
}
