/** Package names that the program, not Node, resolves in the user's files, wherever these lie. */
const modules = new Map<string, string>();
const modulesOfStages = new Map<string, string>();

/**
 * Lets configs import a module by this name.
 *
 * @param url URL of the module's file
 * @param forStages URL that the name means in a stage of the user's own: part of that stage's code; default: `url`
 */
export function provideModule(name: string, url: string, forStages = url): void {
  modules.set(name, url);
  modulesOfStages.set(name, forStages);
}

/** File that a name stands for in a config, as a URL; undefined for any other name. */
export function providedModule(name: string): string | undefined {
  return modules.get(name);
}

/** Meanings of names in stages of the user's own: name → URL. */
export function stageImports(): Readonly<Record<string, string>> {
  return Object.fromEntries(modulesOfStages);
}
