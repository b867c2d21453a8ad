/** Judges, controls and measures: the two Streams applications and the control API. */
@NullMarked
package io.serin.analytics;

import org.jspecify.annotations.NullMarked;
