/** Typeface of the figures: Inter (SIL Open Font License 1.1), from its npm package. */
import { fileURLToPath } from 'node:url';

/** Version of the font, part of a report's identity: another version may draw other pixels. A test checks package.json. */
export const FONT_VERSION = '@expo-google-fonts/inter 0.4.2';

const WEIGHTS = ['400Regular/Inter_400Regular.ttf', '600SemiBold/Inter_600SemiBold.ttf'];

export function fontFiles(): string[] {
  return WEIGHTS.map((file) => fileURLToPath(import.meta.resolve(`@expo-google-fonts/inter/${file}`)));
}
