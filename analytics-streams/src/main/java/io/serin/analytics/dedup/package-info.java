/** Pure: removes duplicated events by their sequence, in bounded state. */
@NullMarked
package io.serin.analytics.dedup;

import org.jspecify.annotations.NullMarked;
