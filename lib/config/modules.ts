/** What names of packages mean in files of the user's, wherever they lie: told by the program, not found by Node. */
const modules = new Map<string, string>();
const modulesOfStages = new Map<string, string>();

/**
 * Lets configs import a module by this name.
 *
 * @param url of the module's file
 * @param forStages of what the name means in a stage of the user's own: it is part of that stage's code; default: `url`
 */
export function provideModule(name: string, url: string, forStages = url): void {
  modules.set(name, url);
  modulesOfStages.set(name, forStages);
}

/** The file that a name stands for in a config; undefined for any other name. */
export function providedModule(name: string): string | undefined {
  return modules.get(name);
}

/** What names mean in stages of the user's own: name → URL. */
export function stageImports(): Readonly<Record<string, string>> {
  return Object.fromEntries(modulesOfStages);
}
