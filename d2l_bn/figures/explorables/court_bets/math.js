// What bets on claims cost, once the evidence is there.

/** The Brier score of one bet: its squared distance from what came out, 0 or 1. */
export const cost = (bet, outcome) => (bet - outcome) ** 2;

/** 1 if the evidence supports a claim, 0 if it refutes it, null if it leaves it open. */
export const decided = (verdict) => ({ supported: 1, refuted: 0 })[verdict] ?? null;

/** The mean cost of the bets (percent) on claims that are shown and decided: {score, count}; null if none. */
export function brier(bets, shown, verdicts) {
  const costs = verdicts.flatMap((verdict, i) => (shown[i] && decided(verdict) !== null ? [cost(bets[i] / 100, decided(verdict))] : []));
  return { score: costs.length ? costs.reduce((sum, one) => sum + one, 0) / costs.length : null, count: costs.length };
}

/** An axis that holds every interval, zero and what would not matter, with a little room. */
export function extent(rows, least) {
  const ends = rows.flatMap(({ mean, margin }) => [mean - margin, mean + margin]);
  const [low, high] = [Math.min(-least, ...ends, 0), Math.max(least, ...ends, 0)];
  const room = 0.06 * (high - low);
  return [low - room, high + room];
}

/** How many rows lie on each side. */
export function tally(rows) {
  const count = (side) => rows.filter((row) => row.side === side).length;
  return { of: rows.length, yes: count("for"), no: count("against"), open: count("open") };
}
