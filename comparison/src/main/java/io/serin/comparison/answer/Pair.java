package io.serin.comparison.answer;

import org.jspecify.annotations.Nullable;

/**
 * One question with what both models answered.
 *
 * @param again control asked a second time: how much control differs from itself; null where it was
 *     not
 */
public record Pair(
    Question question, Answered control, Answered candidate, @Nullable Answered again) {}
