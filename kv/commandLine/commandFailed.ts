/** A command cannot do what it was asked for; the message names the value at fault and the remedy. */
export class CommandFailed extends Error {
  readonly code = 'CommandFailed';
  override readonly name = 'CommandFailed';
}
