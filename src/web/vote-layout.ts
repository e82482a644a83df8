import type { VoteCount } from "./facts.ts";

const pitch = 16;
const perRow = 20;
const gapAtQuorum = 10;

interface VoteDot {
  readonly x: number;
  readonly y: number;
  readonly isVote: boolean;
}

export interface VoteLayout {
  readonly width: number;
  readonly height: number;
  readonly radius: number;
  /** Those that voted first. */
  readonly dots: readonly VoteDot[];
  /** The line that the votes have to reach. */
  readonly line: { readonly x: number; readonly y1: number; readonly y2: number };
}

/** Dots in rows of twenty, with the line of the quorum in the row that it falls into. */
export function voteLayout({ votes, quorum, validators }: VoteCount): VoteLayout {
  const columns = Math.min(perRow, validators);
  const rowOfLine = Math.floor((quorum - 1) / perRow);
  const place = (at: number): { x: number; y: number } => {
    const row = Math.floor(at / perRow);
    const isBeyond = row === rowOfLine && at >= quorum;
    return { x: pitch * ((at % perRow) + 0.75) + (isBeyond ? gapAtQuorum : 0), y: pitch * (row + 1) };
  };
  const lastBefore = place(quorum - 1);
  return {
    width: pitch * (columns + 0.5) + gapAtQuorum,
    height: pitch * (Math.ceil(validators / perRow) + 1),
    radius: 5.5,
    dots: Array.from({ length: validators }, (_, at) => ({ ...place(at), isVote: at < votes })),
    line: {
      x: lastBefore.x + (pitch + gapAtQuorum) / 2,
      y1: lastBefore.y - pitch * 0.75,
      y2: lastBefore.y + pitch * 0.75,
    },
  };
}
