/** Ctrl-C ended the run. */
export class Interrupted extends Error {
  readonly code = 'Interrupted';
  override readonly name = 'Interrupted';
  constructor() {
    super('The run was interrupted.');
  }
}
