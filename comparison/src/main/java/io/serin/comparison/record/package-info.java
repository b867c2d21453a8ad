/** Pairs as serin.shadow-results holds them: written by the worker, read by analytics. */
@NullMarked
package io.serin.comparison.record;

import org.jspecify.annotations.NullMarked;
