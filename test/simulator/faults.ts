import type { Month } from "../../src/core/month.ts";
import { readTransaction } from "../../src/core/xrpl/anchor-transaction.ts";
import { anchoring, crowd, genesis } from "./accounts.ts";
import type { Chance } from "./chance.ts";
import { type Host, killWorker, type HostWorld } from "./host.ts";
import { type Branch, newNetwork } from "./network.ts";
import type { PlannedFault, TimedFault } from "./plan.ts";
import { consistentLies, plainLies } from "./server-lies.ts";
import type { SimulatedServer } from "./server.ts";
import { balanceDrops, nextSequence } from "./ledgers.ts";

/** The parts of a schedule that faults come over. */
export interface FaultWorld extends HostWorld {
  readonly chance: Chance;
  readonly truth: Branch;
  readonly hosts: readonly Host[];
  /** Other chains that some server follows. */
  readonly branches: Branch[];
  readonly months: readonly Month[];
  /** What the network does before it closes a ledger. */
  readonly beforeClose: Set<() => void>;
  haltedUntilMs: number;
}

/** Begins a fault; returns what ends it, for those that last. */
type Begin = (world: FaultWorld, fault: PlannedFault) => (() => void) | undefined | Promise<undefined>;

function pick<T>(from: readonly T[], { target }: PlannedFault): T {
  const picked = from[target % from.length];
  if (picked === undefined) throw new RangeError("there is nothing a fault could come over");
  return picked;
}

/** A fault of a server, or of all: what changes, and what changes back. */
function ofServer(change: (server: SimulatedServer, world: FaultWorld, fault: PlannedFault) => () => void): Begin {
  return (world, fault) => {
    const ends = targets(world, fault).map((server) => change(server, world, fault));
    return () => ends.forEach((end) => end());
  };
}

/** Where chains that hold together are about, one server never fails. */
function targets({ servers, plan }: FaultWorld, fault: PlannedFault): readonly SimulatedServer[] {
  const those = plan.deceit === "witnessed" ? servers.filter((_, at) => at !== plan.wholeServer) : servers;
  return fault.isEverywhere ? those : [pick(those, fault)];
}

function keeping(how: SimulatedServer["failing"]["keeping"]): Begin {
  return ofServer(({ failing }) => {
    failing.keeping = how;
    return () => {
      failing.keeping = "passes on";
    };
  });
}

function ofHost(change: (host: Host, world: FaultWorld, fault: PlannedFault) => ReturnType<Begin>): Begin {
  return (world, fault) => change(pick(world.hosts, fault), world, fault);
}

function lying(table: typeof plainLies): Begin {
  return ofServer(({ failing }, { chance }, { lies }) => {
    for (const name of lies) {
      const lie = table[name];
      if (lie) failing.lies.set(name, lie);
    }
    failing.lying = chance.pick([0.1, 0.5, 1]);
    return () => {
      for (const name of lies) failing.lies.delete(name);
    };
  });
}

/** Transactions that another tool with the account's seed may send. */
const otherTools: readonly Readonly<Record<string, unknown>>[] = [
  { TransactionType: "Payment", Destination: genesis.address, Amount: "1000000" },
  { TransactionType: "AccountSet" },
  { TransactionType: "AccountSet", Memos: [{ Memo: { MemoType: "746578742F6E6F7465", MemoData: "C0FFEE" } }] },
  // In a ledger with a `tec` result: too little to make an account.
  { TransactionType: "Payment", Destination: "rrrrrrrrrrrrrrrrrrrrBZbvji", Amount: "1" },
];

function useSequence(world: FaultWorld): void {
  const { truth, chance, trace } = world;
  const Sequence = nextSequence(truth.engine.open().state, anchoring.address);
  const blob = anchoring.sign({ ...chance.pick(otherTools), Fee: "12", Sequence });
  const outcome = truth.engine.submit(blob);
  const word = "refused" in outcome ? outcome.refused : outcome.engineResult;
  trace.fault("another tool", "network", `uses Sequence ${Sequence}: ${word}`);
}

/** Takes the drops from under an anchor that is about to be validated, and gives them back some ledgers later. */
function drain(world: FaultWorld): () => void {
  const { truth, trace, beforeClose, chance } = world;
  let ledgersLeft = chance.between(2, 6);
  let isDrained = false;
  const act = (): void => {
    if (!isDrained) {
      const isThere = truth.engine
        .open()
        .transactions.some(({ blob }) => readTransaction(blob).account === anchoring.address);
      if (!isThere) return;
      isDrained = true;
      truth.drain(anchoring.address);
      trace.fault("drained account", "network", "the anchoring account has one drop when the ledger closes");
    } else if (--ledgersLeft === 0) {
      beforeClose.delete(act);
      pay(world);
    }
  };
  beforeClose.add(act);
  return () => {
    if (!isDrained) beforeClose.delete(act);
  };
}

/** Pays the anchoring account from the one that holds everything. */
function pay({ truth }: Pick<FaultWorld, "truth">): void {
  const Sequence = nextSequence(truth.engine.open().state, genesis.address);
  const payment = { TransactionType: "Payment", Destination: anchoring.address, Amount: "500000000", Sequence };
  truth.engine.submit(genesis.sign({ ...payment, Fee: "5000" }));
}

/** Gives the anchoring account what it needs, where it was taken. */
export function refund(world: Pick<FaultWorld, "truth">): void {
  if (balanceDrops(world.truth.engine.open().state, anchoring.address) < 1_000_000n) pay(world);
}

function fillLedgers({ truth, trace, beforeClose, plan }: FaultWorld): () => void {
  const count = plan.ledgerRoom * 2 + 2;
  const act = (): void => {
    if (plan.ledgerRoom > 10) return;
    trace.fault("crowd", "network", `${count} transactions of others`);
    for (let sent = 0; sent < count; sent++) {
      const Sequence = nextSequence(truth.engine.open().state, crowd.address);
      truth.engine.submit(crowd.sign({ TransactionType: "AccountSet", Fee: "20000", Sequence }));
    }
  };
  beforeClose.add(act);
  return () => void beforeClose.delete(act);
}

const begins: Readonly<Record<TimedFault, Begin>> = {
  "silent server": ofServer(({ failing }) => {
    failing.isSilent = true;
    return () => {
      failing.isSilent = false;
    };
  }),
  "breaking connections": ofServer(({ failing }, { chance }) => {
    failing.breaking = chance.pick([0.2, 0.6]);
    return () => {
      failing.breaking = 0;
    };
  }),
  outage: ofServer((server) => {
    server.failing.frozenAt = server.branch.engine.last().index;
    return () => {
      server.failing.frozenAt = undefined;
    };
  }),
  "server behind": ofServer(({ failing }, { chance }) => {
    failing.behind = chance.between(1, 8);
    return () => {
      failing.behind = 0;
    };
  }),
  "missed ledgers": ofServer((server, { beforeClose, trace }) => {
    const act = (): void => {
      const index = server.branch.engine.open().index;
      server.missing.add(index);
      trace.fault("missed ledgers", server.name, `ledger ${index}`);
    };
    beforeClose.add(act);
    return () => void beforeClose.delete(act);
  }),
  "restarted without history": ofServer((server, { trace }) => {
    server.forget();
    server.from = server.branch.engine.last().index;
    trace.fault("restarted without history", server.name, `has ledgers from ${server.from} on`);
    return () => undefined;
  }),
  "loses submits": keeping("loses"),
  "keeps refused submits": keeping("refuses and keeps"),
  "keeps submits silently": keeping("says nothing and keeps"),
  "doubled submits": ofServer(({ failing }) => {
    failing.isDoubling = true;
    return () => {
      failing.isDoubling = false;
    };
  }),
  "fee spike": ofServer(({ failing }, { chance }) => {
    failing.feeTimes = chance.pick([2, 50, 100_000]);
    return () => {
      failing.feeTimes = 1;
    };
  }),
  lies: lying(plainLies),
  "consistent lies": lying(consistentLies),
  "network halts": (world, { forMs }) => {
    world.haltedUntilMs = world.timeline.nowMs() + forMs;
    world.trace.fault("network halts", "network", `for ${forMs} ms`);
    return undefined;
  },
  crowd: fillLedgers,
  "drained account": drain,
  "another tool": (world) => {
    useSequence(world);
    return undefined;
  },
  gift: (world) => {
    world.trace.fault("gift", "network", "somebody pays the anchoring account");
    pay(world);
    return undefined;
  },
  "clock jump": ofHost((host, { chance, trace }) => {
    host.skewMs = chance.pick([-3_600_000, -20_000, 20_000, 300_000, 3_600_000]);
    trace.fault("clock jump", host.name, `${host.skewMs} ms`);
    return () => {
      host.skewMs = 0;
    };
  }),
  "wiped database": ofHost(async (host, world) => {
    await host.database.wipe();
    host.wasWiped = true;
    world.trace.fault("wiped database", host.name, "everything is lost");
    if (world.chance.happens(0.5))
      for (const actor of host.actors.toReversed()) killWorker(host, actor, world, "with its disk");
    return undefined;
  }),
  "restored database": ofHost(async (host, { trace, timeline }, { forMs }) => {
    const restore = await host.database.backup();
    trace.note(host.name, "a backup of the database is made");
    timeline.after(forMs, async () => {
      await restore();
      host.wasWiped = true;
      trace.fault("restored database", host.name, `as it was ${forMs} ms ago`);
    });
    return undefined;
  }),
  "lost receipt": ofHost((host, { months, chance, trace, plan }) => {
    const month = chance.pick(months);
    if (plan.hearing && chance.happens(0.5)) {
      if (host.archive.loseProof(month)) trace.fault("lost proof", host.name, month);
    } else if (host.archive.loseReceipt(month)) trace.fault("lost receipt", host.name, month);
    return undefined;
  }),
  "lost queue": ofHost((host, { trace }) => {
    host.queue.clear();
    trace.fault("lost queue", host.name, "every job");
    return undefined;
  }),
  "suspended worker": (world, fault) => {
    const actor = pick(world.hosts, fault).actors.at(fault.target % 2);
    if (!actor) return undefined;
    actor.pausedUntilMs = world.timeline.nowMs() + fault.forMs;
    world.trace.fault("suspended worker", actor.name, `for ${fault.forMs} ms`);
    return () => {
      actor.pausedUntilMs = 0;
    };
  },
  "killed worker": (world, fault) => {
    const host = pick(world.hosts, fault);
    const actor = host.actors.at(fault.target % 2);
    if (!actor) return undefined;
    world.trace.fault("killed worker", actor.name, "at some time");
    killWorker(host, actor, world, "killed");
    return undefined;
  },
  "database down": ofHost((host, { trace }) => {
    host.isDatabaseDown = true;
    trace.fault("database down", host.name, "for a while");
    return () => {
      host.isDatabaseDown = false;
    };
  }),
  "disk down": ofHost((host, { trace }) => {
    host.isDiskDown = true;
    trace.fault("disk down", host.name, "for a while");
    return () => {
      host.isDiskDown = false;
    };
  }),
  fork: (world, fault) => {
    const ledgersBack = world.chance.between(0, 4);
    return onto(world.truth.fork(ledgersBack), `its chain goes on from ${ledgersBack} ledgers ago`, world, fault);
  },
  reset: (world, fault) =>
    onto(newNetwork(world.timeline.nowMs, world.plan.ledgerRoom), "its network begins anew", world, fault),
};

/** Lets servers follow another chain, all of them the same one. */
function onto(branch: Branch, what: string, world: FaultWorld, fault: PlannedFault): () => void {
  const those = targets(world, fault);
  world.branches.push(branch);
  for (const server of those) {
    world.trace.fault(fault.kind, server.name, what);
    server.branch = branch;
  }
  return () =>
    those.forEach((server) => {
      server.branch = world.truth;
    });
}

/** Lets a fault of the plan begin, and end in its time. */
export async function begin(world: FaultWorld, fault: PlannedFault): Promise<void> {
  const where = fault.isEverywhere ? " everywhere" : "";
  world.trace.note("plan", `${fault.kind}${where}${fault.lies.length > 0 ? ` (${fault.lies.join(", ")})` : ""}`);
  const end = await begins[fault.kind](world, fault);
  if (!end) return;
  world.timeline.after(fault.forMs, () => {
    world.trace.note("plan", `${fault.kind} ends`);
    end();
  });
}
