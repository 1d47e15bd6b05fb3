/** What the stage `joint` runs, in one place: it is imported when the stage runs. */
export { agreementColumns, agreementOf } from './agreement.ts';
export { hexGrid } from './hexagons.ts';
export { countJoint, histogramColumns, JointSums, labelCodes, planJoint } from './joint.ts';
