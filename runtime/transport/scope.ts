/** What all connections of one transport share. */
import type { Random } from '../../machines/ports.ts';
import { type Frame, type FrameKind, frameFormatVersion, MalformedFrame } from './frame.ts';
import type { Identity } from './handshake.ts';
import type { LostCalls } from './lostCalls.ts';
import type { Ticker } from './ticker.ts';
import type { TransportLimits } from './transportLimits.ts';
import type { Warnings } from './warnings.ts';

export interface TransportScope {
  readonly me: Identity;
  readonly limits: TransportLimits;
  readonly random: Random;
  readonly warnings: Warnings;
  readonly ticker: Ticker;
  readonly lostCalls: LostCalls;
}

/**
 * Checks a frame that came behind the hellos.
 * @throws MalformedFrame
 */
export function expectFrame(frame: Frame, kind: FrameKind, me: Identity): void {
  if (frame.kind === kind && frame.group === me.group && frame.version === frameFormatVersion) return;
  throw new MalformedFrame(
    `a frame of version ${frame.version}, kind ${frame.kind} and group ${frame.group} came ` +
      `where version ${frameFormatVersion}, kind ${kind} and group ${me.group} are due`,
  );
}
