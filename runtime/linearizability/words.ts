/** Operations, states and times as people read them, in the assertion's message and in the timeline. */
import type { Failure } from './failure.ts';
import type { HistoryOperation } from './history.ts';
import type { Model } from './model.ts';
import { quoted } from './quoted.ts';

export function operationInWords<State extends NonNullable<unknown> | null, Input, Output>(
  model: Model<State, Input, Output>,
  { input, output, returnedAt }: HistoryOperation<Input, Output>,
): string {
  const returned = returnedAt !== undefined;
  const shown = returned ? output : undefined;
  if (model.describe) return model.describe(input, shown, returned);
  return shown === undefined ? quoted(input) : `${quoted(input)} → ${quoted(shown)}`;
}

/** Three digits behind the point, if there are any, so that times stay in line with each other. */
export function timeInWords(time: number): string {
  return String(Math.round(time * 1000) / 1000);
}

export function spanInWords({ calledAt, returnedAt }: HistoryOperation<unknown, unknown>): string {
  const end = returnedAt === undefined ? 'never returned' : timeInWords(returnedAt);
  return `${timeInWords(calledAt)} … ${end}`;
}

/** How the contradiction is to be read, in a sentence or two. */
export function failureInWords<State extends NonNullable<unknown> | null, Input, Output>(
  model: Model<State, Input, Output>,
  { history, stretch, begins, partition }: Failure<State, Input, Output>,
): string {
  const of = `${history.length} ${history.length === 1 ? 'operation' : 'operations'}`;
  const where = model.partition ? `${of} on ${quoted(partition)}` : of;
  const which =
    stretch.length === 1
      ? `Of ${where}, this one cannot be, whatever became of the others:`
      : `Of ${where}, these ${stretch.length} contradict each other, whatever became of the others:`;
  if (!begins) return which;
  const states = begins.states.map((state) => model.describeState?.(state) ?? quoted(state));
  return `At ${timeInWords(begins.at)} the state can be ${states.join(' or ')}. ${which}`;
}

/** The stretch of the history that shows the failure, one operation a line; an arrow marks what cannot be. */
export function stretchInWords<State extends NonNullable<unknown> | null, Input, Output>(
  model: Model<State, Input, Output>,
  { stretch, offender }: Failure<State, Input, Output>,
): string[] {
  const rows = stretch.map((operation) => [
    operation === offender ? '→' : ' ',
    spanInWords(operation),
    `client ${operation.client}`,
    operationInWords(model, operation),
  ]);
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const widths = [1, width(1), width(2), 0];
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
