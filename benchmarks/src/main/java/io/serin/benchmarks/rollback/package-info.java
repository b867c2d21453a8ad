/** How long a bad variant goes on serving after it was decided that it must not. */
@NullMarked
package io.serin.benchmarks.rollback;

import org.jspecify.annotations.NullMarked;
