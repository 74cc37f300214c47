/** @throws Error if the page has no such element, which its own HTML rules out */
export function element<E extends Element = HTMLElement>(id: string): E {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no element "${id}".`);
  return found as unknown as E; // index.html says what it is
}
