/**
 * A statechart as a Mermaid `stateDiagram-v2`. Mermaid draws no arrow between the insides of two composite states, nor
 * one that begins and ends at the same composite state: an arrow is lifted to neighbours and names the inner states that
 * it means, and what a composite state does itself stands in a state of its own, `(any)`.
 */
import { type Arrow, ancestryOf, type ChartShape, type DrawnState, labelText } from './chartShape.ts';

export function mermaidText(shape: ChartShape): string {
  const ancestry = ancestryOf(shape);
  const lifted = shape.arrows.map((arrow) => lift(arrow, ancestry));
  const { root } = shape;
  return ['stateDiagram-v2', ...inside(root, lifted).map((line) => `  ${line}`), ''].join('\n');
}

interface LiftedArrow {
  /** The state in which both ends lie; the arrow is written there. */
  readonly within: string;
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

function lift({ from, to, label }: Arrow, ancestry: ReadonlyMap<string, readonly string[]>): LiftedArrow {
  const fromPath = [...(ancestry.get(from) ?? []), from];
  const toPath = [...(ancestry.get(to) ?? []), to];
  let depth = 0;
  while (depth + 1 < Math.min(fromPath.length, toPath.length) && fromPath[depth] === toPath[depth]) depth++;
  const ends = { from: fromPath[depth] ?? from, to: toPath[depth] ?? to };
  const innerOf = (ids: readonly string[]): string =>
    ids
      .slice(depth + 1)
      .map(keyOf)
      .join('.');
  const source = ends.from === from ? '' : `in ${innerOf(fromPath)}, `;
  const target = ends.to === to ? '' : ` (to ${innerOf(toPath)})`;
  return { within: fromPath[depth - 1] ?? '', ...ends, text: `${source}${labelText(label)}${target}` };
}

/** The lines between the braces of a composite state. */
function inside(state: DrawnState, arrows: readonly LiftedArrow[]): string[] {
  const own = linesOf(state);
  const name = `${nameOf(state.id)}_any`;
  const any = own.length > 0 ? [`state "(any)" as ${name}`, ...own.map((line) => `${name} : ${line}`)] : [];
  const regions = state.states.map((inner) => drawn(inner, arrows));
  const separator = state.type === 'parallel' ? ['--'] : [];
  return [
    ...(state.initial === undefined ? [] : [`[*] --> ${nameOf(state.initial)}`]),
    ...any,
    ...(any.length > 0 ? separator : []),
    ...regions.flatMap((lines, i) => (i > 0 ? [...separator, ...lines] : lines)),
    ...arrows
      .filter(({ within }) => within === state.id)
      .map(({ from, to, text }) => `${nameOf(from)} --> ${nameOf(to)} : ${textOf(text)}`),
  ];
}

function drawn(state: DrawnState, arrows: readonly LiftedArrow[]): string[] {
  const name = nameOf(state.id);
  const declared = `state "${state.name}" as ${name}`;
  if (state.states.length > 0) {
    return [`${declared} {`, ...inside(state, arrows).map((line) => `  ${line}`), '}'];
  }
  const end = state.type === 'final' ? [`${name} --> [*]`] : [];
  return [declared, ...linesOf(state).map((line) => `${name} : ${line}`), ...end];
}

function linesOf({ description, does, internal }: DrawnState): string[] {
  const steps = internal.map(
    (label) => `${labelText(label)}${label.to === undefined ? '' : ` → ${label.to}`}`,
  );
  return [description, ...does, ...steps].map(textOf);
}

/** A colon, a semicolon and a hash have a meaning in Mermaid. */
function textOf(text: string): string {
  return text.replaceAll(/[#;:]/g, (sign) => `#${sign.charCodeAt(0)};`);
}

function nameOf(id: string): string {
  return id.replaceAll(/\W/g, '_');
}

function keyOf(id: string): string {
  return id.slice(id.lastIndexOf('.') + 1);
}
