/** Writes and reads keys through a clerk, and lists those that there are. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { ActionOutcome, ClusterAction } from '../../runtime/observation/clusterAction.ts';

export interface KeysOptions {
  /** What the last action came to; null: none yet; `isWaiting`: it is not known. */
  readonly outcome: ActionOutcome | null;
  readonly isWaiting: boolean;
  readonly keys: readonly string[];
  readonly act: (action: ClusterAction) => void;
}

export function keysTemplate({ outcome, isWaiting, keys, act }: KeysOptions): TemplateResult {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const key = String(form.get('key') ?? '');
    const isRead = (event.submitter as HTMLButtonElement | null)?.value === 'get';
    act(isRead ? { type: 'get', key } : { type: 'put', key, value: String(form.get('value') ?? '') });
  };
  return html`<form class="keys" @submit=${submit}>
      <label>Key <input name="key" required maxlength="200" value="greeting" autocomplete="off" /></label>
      <label>Value <input name="value" maxlength="1000" value="hello" autocomplete="off" /></label>
      <button type="submit" value="put">Put</button>
      <button type="submit" value="get">Get</button>
    </form>
    <p class="outcome" role="status">
      ${isWaiting ? 'Waits for the answer of a leader …' : (outcome?.text ?? 'The client asks whoever leads, and asks again until it is answered.')}
    </p>
    <ul class="key-list" aria-label="Keys">
      ${keys.map((key) => html`<li><button type="button" class="plain" @click=${() => act({ type: 'get', key })}>${key}</button></li>`)}
      ${keys.length === 0 ? html`<li class="quiet">No keys yet.</li>` : nothing}
    </ul>`;
}
