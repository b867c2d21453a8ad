/** What came of a rehearsal: pure functions from what was seen to what is said. */
@NullMarked
package io.serin.rehearsal.report;

import org.jspecify.annotations.NullMarked;
