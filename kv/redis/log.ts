/** What an operator should know of the clients. */
import type { OnWarning, WarningAbout } from '../../runtime/transport/warnings.ts';

export type ClientWarningKind = 'clientCutOff' | 'clientsTurnedAway' | 'clientNotAccepted';

export type ClientWarning = WarningAbout<ClientWarningKind>;
export type OnClientWarning = OnWarning<ClientWarningKind>;
