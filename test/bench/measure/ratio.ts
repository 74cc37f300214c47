/** Figures of one run against each other: never one without the other, never of a system that was not whole. */
import type { Measurement } from './measurement.ts';
import { type Spread, spreadOf } from './statistics.ts';

/** A ratio of two systems, round by round; or why there is none. */
export type Ratio = ({ readonly refused?: undefined } & Spread) | { readonly refused: string };

/** Rounds of one system, under the name that a refusal gives it. */
export interface Rounds {
  readonly system: string;
  readonly rounds: readonly Measurement[];
}

/** The first divided by the second, in the rounds that stood side by side; refused if any round of either failed. */
export function ratioOf(one: Rounds, other: Rounds, figure: (round: Measurement) => number): Ratio {
  for (const { system, rounds } of [one, other]) {
    if (rounds.length === 0) return { refused: `${system} was not there` };
    const bad = rounds.find(({ fault }) => fault !== undefined);
    if (bad?.fault !== undefined) return { refused: `${system}: ${bad.fault}` };
  }
  if (one.rounds.length !== other.rounds.length)
    return {
      refused: `${one.system} has ${one.rounds.length} rounds, ${other.system} ${other.rounds.length}`,
    };
  const ratios: number[] = [];
  for (const [place, round] of one.rounds.entries()) {
    const beside = other.rounds[place];
    const divisor = beside ? figure(beside) : 0;
    // A window without one tick of the clock that /proc counts in has no figure.
    if (divisor <= 0 || !Number.isFinite(divisor))
      return { refused: `${other.system}: round ${place + 1} has nothing to divide by` };
    ratios.push(figure(round) / divisor);
  }
  return spreadOf(ratios);
}
