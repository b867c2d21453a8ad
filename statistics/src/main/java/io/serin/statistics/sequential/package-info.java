/**
 * E-processes: tests that may be looked at after every event, and the gates and budgets built on
 * them.
 */
@NullMarked
package io.serin.statistics.sequential;

import org.jspecify.annotations.NullMarked;
