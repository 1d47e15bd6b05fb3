/** What names of packages mean in a config, wherever it lies: told by the program that reads it, not found by Node. */
const modules = new Map<string, string>();

/** Lets configs import a module by this name. `url` is that of its file. */
export function provideModule(name: string, url: string): void {
  modules.set(name, url);
}

/** The file that a name stands for; undefined for any other name. */
export function providedModule(name: string): string | undefined {
  return modules.get(name);
}
