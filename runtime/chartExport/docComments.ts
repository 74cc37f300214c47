/**
 * What the doc comments of a source say of the functions that it names: they are the one place where guards, actions and
 * delays are described. The compiler keeps them, so that it works on `dist` as well.
 */
export type Descriptions = ReadonlyMap<string, string>;

/** A doc comment, and the name of the property below it. */
const documented = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(\w+)\s*[:(]/g;

/** @param sources texts of TypeScript or JavaScript; of a name that occurs twice, the first description holds */
export function docCommentsOf(sources: readonly string[]): Descriptions {
  const descriptions = new Map<string, string>();
  for (const source of sources) {
    for (const [, comment = '', name = ''] of source.matchAll(documented)) {
      const text = comment
        .replaceAll(/^\s*\*? ?/gm, ' ')
        .replaceAll(/\s+/g, ' ')
        .trim();
      if (!descriptions.has(name)) descriptions.set(name, text);
    }
  }
  return descriptions;
}
