/** The typeface of the figures: Inter (SIL Open Font License 1.1), as the npm package brings it. */
import { fileURLToPath } from 'node:url';

/** Part of a report's identity: another version may draw other pixels. A test holds it to package.json. */
export const FONT_VERSION = '@expo-google-fonts/inter 0.4.2';

const WEIGHTS = ['400Regular/Inter_400Regular.ttf', '600SemiBold/Inter_600SemiBold.ttf'];

export function fontFiles(): string[] {
  return WEIGHTS.map((file) => fileURLToPath(import.meta.resolve(`@expo-google-fonts/inter/${file}`)));
}
