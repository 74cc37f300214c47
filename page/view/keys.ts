/** Writes and reads keys through a clerk, and lists those that there are. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { ActionOutcome, ClusterAction } from '../../runtime/observation/clusterAction.ts';

export interface KeysOptions {
  /** What the last action came to; null: none yet; `isWaiting`: it is not known. */
  readonly outcome: ActionOutcome | null;
  readonly isWaiting: boolean;
  readonly keys: readonly string[];
  /** Where the keys go on; null: those are all. */
  readonly more: { readonly prefix: string; readonly cursor: string } | null;
  /** Keys can be written, too. */
  readonly canPut: boolean;
  readonly act: (action: ClusterAction) => void;
}

export function keysTemplate(options: KeysOptions): TemplateResult {
  const { outcome, isWaiting, keys, more, canPut, act } = options;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const key = String(form.get('key') ?? '');
    const isRead = (event.submitter as HTMLButtonElement | null)?.value === 'get';
    act(isRead ? { type: 'get', key } : { type: 'put', key, value: String(form.get('value') ?? '') });
  };
  const list = (event: SubmitEvent) => {
    event.preventDefault();
    const prefix = String(new FormData(event.target as HTMLFormElement).get('prefix') ?? '');
    act({ type: 'keys', prefix });
  };
  return html`<form class="keys" @submit=${submit}>
      <label>Key <input name="key" required maxlength="200" value="greeting" autocomplete="off" /></label>
      ${
        canPut
          ? html`<label>Value <input name="value" maxlength="1000" value="hello" autocomplete="off" /></label>
              <button type="submit" value="put">Put</button>`
          : nothing
      }
      <button type="submit" value="get">Get</button>
    </form>
    <p class="outcome" role="status">
      ${isWaiting ? 'Waits for the answer of a leader …' : (outcome?.text ?? 'The client asks whoever leads, and asks again until it is answered.')}
    </p>
    ${longValue(outcome) === null ? nothing : html`<pre class="value" tabindex="0" aria-label="Value">${longValue(outcome)}</pre>`}
    <form class="keys filter" @submit=${list}>
      <label>Keys that begin with <input name="prefix" maxlength="200" autocomplete="off" /></label>
      <button type="submit">List</button>
    </form>
    <ul class="key-list" aria-label="Keys">
      ${keys.map((key) => html`<li><button type="button" class="plain" @click=${() => act({ type: 'get', key })}>${key}</button></li>`)}
      ${keys.length === 0 ? html`<li class="quiet">No keys yet.</li>` : nothing}
      ${more ? html`<li><button type="button" @click=${() => act({ type: 'keys', ...more })}>More keys</button></li>` : nothing}
    </ul>`;
}

/** Characters of a value that the sentence about it has room for. */
const shortMax = 100;

function longValue(outcome: ActionOutcome | null): string | null {
  const value = outcome?.value ?? '';
  return value.length > shortMax ? value : null;
}
