/** What was said of one key of one repository; each time the one that counts of those that were said. */
export interface KeyStory {
  /** Earliest time at which it is to retire. */
  readonly retiresAt?: number;
  /** Latest time at which it is to take over. */
  readonly beginsAt?: number;
  /** Earliest time from which it is not trusted. */
  readonly invalidAfter?: number;
  /** Reasons of its revocations; undefined for one without. */
  readonly reasons: ReadonlySet<string | undefined>;
}

/** What one event says of a key. */
export interface KeySaying {
  readonly repo: string;
  readonly keyId: string | undefined;
  readonly retiresAt?: number;
  readonly beginsAt?: number;
  readonly invalidAfter?: number;
  /** A revocation's; absent in a rotation. */
  readonly reason?: { readonly text: string | undefined };
}

export interface KeyStories {
  add(saying: KeySaying): void;
  /** All that was said of a key, and these sayings as well, which may be among it already. */
  story(repo: string, keyId: string | undefined, further: readonly KeySaying[]): KeyStory;
}

const untold: KeyStory = { reasons: new Set() };

export function keyStories(): KeyStories {
  const stories = new Map<string, KeyStory>();
  const nameOf = (repo: string, keyId: string | undefined): string => JSON.stringify([repo, keyId]);
  return {
    add(saying) {
      const name = nameOf(saying.repo, saying.keyId);
      stories.set(name, told(stories.get(name) ?? untold, saying));
    },
    story: (repo, keyId, further) =>
      further
        .filter((saying) => saying.repo === repo && saying.keyId === keyId)
        .reduce(told, stories.get(nameOf(repo, keyId)) ?? untold),
  };
}

function told(story: KeyStory, { retiresAt, beginsAt, invalidAfter, reason }: KeySaying): KeyStory {
  const known = reason === undefined || story.reasons.has(reason.text);
  return {
    ...pick("retiresAt", Math.min, story.retiresAt, retiresAt),
    ...pick("beginsAt", Math.max, story.beginsAt, beginsAt),
    ...pick("invalidAfter", Math.min, story.invalidAfter, invalidAfter),
    reasons: known ? story.reasons : new Set([...story.reasons, reason.text]),
  };
}

function pick<K extends string>(
  name: K,
  choose: (a: number, b: number) => number,
  a: number | undefined,
  b: number | undefined,
): { readonly [name in K]?: number } {
  const time = a === undefined ? b : b === undefined ? a : choose(a, b);
  return (time === undefined ? {} : { [name]: time }) as { readonly [name in K]?: number };
}
