export { KeptTexts as CodeTexts } from '../files/kept-texts.ts';
