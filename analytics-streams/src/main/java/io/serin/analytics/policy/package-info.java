/**
 * Pure: the judge and the controller of one rollout. {@link io.serin.analytics.policy.Decider}
 * takes numbered inputs and gives commands, verdicts and events; the same inputs give the same
 * outputs, bit for bit.
 */
@NullMarked
package io.serin.analytics.policy;

import org.jspecify.annotations.NullMarked;
