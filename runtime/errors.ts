/** An argument that cannot be meant: the message names the value and the remedy. */
export class InvalidArgument extends Error {
  override readonly name = 'InvalidArgument';
  readonly code = 'InvalidArgument';
}

/** This node does not lead; the attempt had no effect. */
export class NotLeader extends Error {
  override readonly name = 'NotLeader';
  readonly code = 'NotLeader';
  /** Who does, as far as this node knows. */
  readonly leader: string | null;

  constructor(leader: string | null) {
    super(
      leader === null
        ? 'This node does not lead, and knows no leader: try again soon.'
        : `This node does not lead: ask ${leader}.`,
    );
    this.leader = leader;
  }
}

/** Leadership was not handed over; this node may lead on. */
export class TransferFailed extends Error {
  override readonly name = 'TransferFailed';
  readonly code = 'TransferFailed';
}
