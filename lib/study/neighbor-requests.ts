/**
 * All requests for neighbours in a study. Not part of a result's code: every request shows in the params and inputs of
 * the stage `neighbors`, so this module is kept out of that stage's identity (`neighborRequestsModule`).
 */
import { mergeRequests, type NeighborRequest } from '../neighbors/requests.ts';
import * as consumers from './neighbor-consumers.ts';

type Consumers = (typeof consumers)[keyof typeof consumers];
type IntersectionOf<U> = (U extends unknown ? (value: U) => void : never) extends (value: infer I) => void
  ? I
  : never;

/** Keys of the config that the consumers read. */
export type NeighborConsumersConfig = IntersectionOf<Parameters<Consumers>[0]>;

/** URL of this file, for `apart` of a stage. */
export const neighborRequestsModule = import.meta.url;

/** Requests of all consumers by the name of their instance: equal requests share one instance. */
export function neighborRequestsOf(config: NeighborConsumersConfig): Map<string, NeighborRequest> {
  return mergeRequests(Object.values(consumers).flatMap((neighborRequests) => neighborRequests(config)));
}
