/** Pure: what replays may take and what they took: rates, permits, backoff, prices, totals. */
@NullMarked
package io.serin.worker.budget;

import org.jspecify.annotations.NullMarked;
