/**
 * Pure: what a stage must show before the next one. Start at {@link
 * io.serin.analytics.gates.StageGate}.
 */
@NullMarked
package io.serin.analytics.gates;

import org.jspecify.annotations.NullMarked;
