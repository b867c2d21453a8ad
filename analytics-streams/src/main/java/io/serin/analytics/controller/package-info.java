/**
 * Pure: the controller of one rollout. {@link io.serin.analytics.controller.Decider} takes numbered
 * inputs and gives commands, verdicts and events; the same inputs give the same outputs, bit for
 * bit.
 */
@NullMarked
package io.serin.analytics.controller;

import org.jspecify.annotations.NullMarked;
