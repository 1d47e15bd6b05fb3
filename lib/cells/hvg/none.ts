import type { HvgFlavor } from './flavor.ts';

export const none: HvgFlavor = {
  about: 'all kept genes',
  statistical: false,
  async select({ geneIds }) {
    return { highlyVariable: geneIds.map(() => true) };
  },
};
