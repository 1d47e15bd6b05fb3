/** Options of Node, given by the command line or NODE_OPTIONS, that change what code an import means. */

const CONDITION = /^(?:-C|--conditions)$/;
const OTHERS =
  /^(?:--import|--require|-r|--loader|--experimental-loader|--preserve-symlinks(?:-main)?|--experimental-(?!addon-modules$)[\w-]*(?:module|resol|strip|transform)[\w-]*|--no-[\w-]*(?:strip|addons)[\w-]*)$/;

interface Option {
  readonly name: string;
  readonly value: string;
}

function given(args: readonly string[], env: string | undefined): Option[] {
  const words = [...(env ?? '').split(/\s+/).filter((word) => word !== ''), ...args];
  return words.flatMap((word, i) => {
    const [name, ...rest] = word.split('=');
    if (!CONDITION.test(name) && !OTHERS.test(name)) return [];
    return [{ name, value: rest.length > 0 ? rest.join('=') : (words[i + 1] ?? '') }];
  });
}

const options = given(process.execArgv, process.env.NODE_OPTIONS);

/** Conditions of `exports` and `imports` besides Node's own. */
export function ownConditions(): string[] {
  return [...new Set(options.filter(({ name }) => CONDITION.test(name)).map(({ value }) => value))].sort();
}

/** The options, in words that belong in an identity: code that was found under others may be other code. */
export function optionsOfCode(): string[] {
  return options.map(({ name, value }) =>
    /symlinks|strip|transform|addons/.test(name) ? name : `${name} ${value}`,
  );
}
