/** An argument that cannot be meant: the message names the value and the remedy. */
export class InvalidArgument extends Error {
  override readonly name = 'InvalidArgument';
  readonly code = 'InvalidArgument';
}
