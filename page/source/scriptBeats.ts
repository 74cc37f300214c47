/** Reads a script as a story: its comments are captions, its sentences are steps. */
import type { Told } from './storyTeller.ts';

export interface ScriptBeats {
  /** What stands before the first sentence. */
  readonly introduction: string;
  /** What is told when the sentence in this line, counted from 0, is about to be played. */
  at(line: number): readonly Told[];
  /** What stands behind the last sentence. */
  readonly end: readonly Told[];
}

export function scriptBeats(text: string): ScriptBeats {
  const lines = text.split('\n');
  const steps = lines.flatMap((line, place) => (isStep(line) ? [place] : []));
  const [opening = 0] = steps;
  const captionBefore = (line: number) => {
    const before = steps.findLast((step) => step < line) ?? -1;
    return captions(lines.slice(before + 1, line));
  };
  return {
    introduction: commentIn(lines.slice(0, opening)),
    at: (line) => [...captionBefore(line), stepOf(lines[line] ?? '')],
    end: captionBefore(lines.length),
  };
}

function isStep(line: string): boolean {
  return /^[^\s#]/.test(line);
}

function stepOf(line: string): Told {
  const text = line.replace(/^Skip until/, 'Until').replace(/:$/, ' …');
  return { kind: 'step', text, isSkipped: line.startsWith('Skip ') };
}

function captions(lines: readonly string[]): Told[] {
  const text = commentIn(lines);
  return text === '' ? [] : [{ kind: 'caption', text, isSkipped: false }];
}

function commentIn(lines: readonly string[]): string {
  return lines
    .filter((line) => line.startsWith('#'))
    .map((line) => line.replace(/^#\s*/, ''))
    .join(' ');
}
