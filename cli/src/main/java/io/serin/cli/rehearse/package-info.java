/** The command {@code serin rehearse}: a rollout's dress rehearsal, from a stack to a report. */
@NullMarked
package io.serin.cli.rehearse;

import org.jspecify.annotations.NullMarked;
