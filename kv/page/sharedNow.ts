/** Time as all processes of a machine see it: ms since the Unix epoch, and never backwards within one of them. */
export function sharedNow(): number {
  return performance.timeOrigin + performance.now();
}
