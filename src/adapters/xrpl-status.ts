import type { SettlementError } from "../core/error.ts";
import type { FieldReader } from "../core/fields.ts";
import type { ChainStatus } from "../ports.ts";
import { accountAt } from "./xrpl-account.ts";
import { demand, dropsIn } from "./xrpl-answers.ts";
import { firstAnswer, isServerFault, mostHopeful } from "./xrpl-failover.ts";
import type { XrplServer } from "./xrpl-rpc.ts";
import type { Servers, Survey } from "./xrpl-servers.ts";

/** Drops of a number of XRP, as `server_info` gives reserves. */
function dropsOfXrp(fields: FieldReader, name: string): bigint {
  const xrp = fields.object[name];
  const isAmount = typeof xrp === "number" && xrp >= 0 && xrp < 1e9;
  return isAmount ? BigInt(Math.round(xrp * 1e6)) : fields.fail(`member "${name}" must be an amount of XRP`);
}

async function feeOf(server: XrplServer): Promise<number> {
  const answer = (await demand(server, "fee")).reader("drops");
  const fee = Number(dropsIn(answer, "open_ledger_fee"));
  return fee > 0 ? fee : answer.fail('member "open_ledger_fee" must be more than nothing');
}

/**
 * What a transaction has to pay to get into the next ledger: the most that a fresh server asks within the cap, so that one
 * that asks too little loses nothing and one that asks too much stops nothing; the least where all ask more.
 *
 * @throws SettlementError `CHAIN_UNREACHABLE`, `CHAIN_ANSWER_MALFORMED` when none tells
 */
async function feeFor(servers: Servers, { fresh }: Survey, feeCapDrops: number): Promise<number> {
  const failed: SettlementError[] = [];
  const told = await Promise.all(
    fresh.map(async ({ server }) => {
      try {
        return await feeOf(server);
      } catch (error) {
        if (!isServerFault(error)) throw error;
        servers.blame(server, error);
        failed.push(error);
        return [];
      }
    }),
  );
  const fees = told.flat();
  if (fees.length === 0) throw mostHopeful(failed);
  const within = fees.filter((fee) => fee <= feeCapDrops);
  return within.length > 0 ? Math.max(...within) : Math.min(...fees);
}

/**
 * @throws SettlementError `ACCOUNT_NOT_FUNDED` when no fresh server knows the account, and those of a survey
 */
export async function readStatus(
  servers: Servers,
  account: string,
  feeCapDrops: number,
): Promise<{ readonly status: ChainStatus; readonly survey: Survey }> {
  const survey = await servers.survey();
  const { fresh, common } = survey;
  const blame = ({ server }: (typeof fresh)[number], fault: SettlementError): void => servers.blame(server, fault);
  const { look, state } = await firstAnswer(
    fresh,
    async (look) => ({ look, state: await accountAt(look.server, account, common.ledgerIndex) }),
    blame,
  );
  const ledger = look.info.reader("validated_ledger");
  const reserve = dropsOfXrp(ledger, "reserve_base_xrp");
  const status: ChainStatus = {
    networkId: look.networkId,
    isLocal: look.isLocal,
    server: `${look.server.endpoint} (${look.version})`,
    validatedIndex: common.ledgerIndex,
    ledgerAgeS: Math.max(...fresh.map(({ ageS }) => ageS)),
    account,
    balanceDrops: state.balanceDrops,
    reserveDrops: reserve + BigInt(state.ownerCount) * dropsOfXrp(ledger, "reserve_inc_xrp"),
    feeDrops: await feeFor(servers, survey, feeCapDrops),
  };
  return { status, survey };
}
