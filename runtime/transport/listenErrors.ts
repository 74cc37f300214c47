/** Why a node cannot listen, and what to do about it. */
import { formatAddress, type PeerAddress } from './address.ts';

/** Another process listens at this address. */
export class PortInUse extends Error {
  readonly code = 'PortInUse';
  override readonly name = 'PortInUse';
  readonly address: PeerAddress;

  constructor(address: PeerAddress, cause?: unknown) {
    super(
      `Cannot listen at ${formatAddress(address)}: the port is in use. Stop the process that uses it, or give this node another port.`,
      { cause },
    );
    this.address = address;
  }
}

/** The system does not let this process listen at this address, for any other reason. */
export class CannotListen extends Error {
  readonly code = 'CannotListen';
  override readonly name = 'CannotListen';
  readonly address: PeerAddress;

  constructor(address: PeerAddress, remedy: string, cause?: unknown) {
    super(`Cannot listen at ${formatAddress(address)}: ${remedy}`, { cause });
    this.address = address;
  }
}

/** Turns an error of the system into one that says what to do. */
export function listenError(error: NodeJS.ErrnoException, address: PeerAddress): PortInUse | CannotListen {
  switch (error.code) {
    case 'EADDRINUSE':
      return new PortInUse(address, error);
    case 'EADDRNOTAVAIL':
      return new CannotListen(
        address,
        'this machine does not have that address. Listen at one that it has, or at 0.0.0.0.',
        error,
      );
    case 'EACCES':
      return new CannotListen(
        address,
        'this process is not permitted to use that port. Choose one from 1024 upwards.',
        error,
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new CannotListen(
        address,
        'the host name cannot be resolved. Correct it, or listen at an IP address.',
        error,
      );
    default:
      return new CannotListen(address, `${error.message}. Correct the address.`, error);
  }
}
