// What bets on claims cost, once the evidence is there.

/** The Brier score of one bet: its squared distance from what came out, 0 or 1. */
export const cost = (bet, outcome) => (bet - outcome) ** 2;

/** 1 if a claim is supported or true, 0 if it is refuted or has no effect that matters, null if it is open. */
export const decided = (verdict) => ({ algebra: 1, supported: 1, refuted: 0, negligible: 0 })[verdict] ?? null;

/** The mean cost of the bets (percent) on claims that are shown and decided: {score, count}; null if none. */
export function brier(bets, shown, verdicts) {
  const costs = verdicts.flatMap((verdict, i) => (shown[i] && decided(verdict) !== null ? [cost(bets[i] / 100, decided(verdict))] : []));
  return { score: costs.length ? costs.reduce((sum, one) => sum + one, 0) / costs.length : null, count: costs.length };
}

/** An axis that holds every end there is, zero and what would not matter, with a little room. */
export function extent(rows, delta) {
  const ends = rows.flatMap(({ low, effect, high }) => [low, effect, high]).filter((end) => end !== null);
  const [low, high] = [Math.min(-delta, ...ends, 0), Math.max(delta, ...ends, 0)];
  const room = 0.06 * (high - low);
  return [low - room, high + room];
}

/** How many rows have each verdict. */
export function tally(rows) {
  const count = { supported: 0, refuted: 0, negligible: 0, undecided: 0, no_test: 0 };
  for (const { side } of rows) count[side] += 1;
  return { of: rows.length, ...count };
}
