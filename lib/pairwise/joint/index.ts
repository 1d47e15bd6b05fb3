/** Entry point of the work of the stage `joint`, imported only when the stage runs. */
export { agreementColumns, agreementOf } from './agreement.ts';
export { hexGrid } from './hexagons.ts';
export { countJoint, histogramColumns, JointSums, labelCodes, planJoint } from './joint.ts';
