/** Node options, from the command line or NODE_OPTIONS, that change how imports resolve or how code is read. */

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

/** Custom conditions for `exports` and `imports`, in addition to Node's own. */
export function ownConditions(): string[] {
  return [...new Set(options.filter(({ name }) => CONDITION.test(name)).map(({ value }) => value))].sort();
}

/** Options in the form that goes into an identity: the same import may load different code under different options. */
export function optionsOfCode(): string[] {
  return options.map(({ name, value }) =>
    /symlinks|strip|transform|addons/.test(name) ? name : `${name} ${value}`,
  );
}
