/** Replays captured requests against the candidate, offline. */
@NullMarked
package io.serin.worker;

import org.jspecify.annotations.NullMarked;
