/**
 * Names in the text of a section that the bundle gave in place of those in the source, since another module has the same. Code can
 * ask for the name of a function, so text with a given name is other code than text with the same name of its own.
 */
export function renamedIn(text: string, source: string): string[] {
  const declared = text.matchAll(/\b(?:function\*?|class|var|let|const)\s+([A-Za-z_$][\w$]*?)(\d+)\b/g);
  const found = new Set<string>();
  for (const [, name, number] of declared)
    if (!isWordOf(source, name + number) && isWordOf(source, name)) found.add(name + number);
  return [...found].sort();
}

const isWordOf = (text: string, word: string) => {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (!/[\w$]/.test(text[at - 1] ?? '') && !/[\w$]/.test(text[at + word.length] ?? '')) return true;
  }
  return false;
};
