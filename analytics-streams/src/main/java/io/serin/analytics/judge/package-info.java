/**
 * Pure: all guards of one run on all its candidates. Start at {@link
 * io.serin.analytics.judge.Judge}; its whole state is {@link io.serin.analytics.judge.Cells}.
 */
@NullMarked
package io.serin.analytics.judge;

import org.jspecify.annotations.NullMarked;
