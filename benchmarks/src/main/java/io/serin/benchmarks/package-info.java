/** Programs that print figures: JMH benchmarks. */
@NullMarked
package io.serin.benchmarks;

import org.jspecify.annotations.NullMarked;
