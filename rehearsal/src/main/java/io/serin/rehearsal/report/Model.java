package io.serin.rehearsal.report;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one model server told of its own answers.
 *
 * @param firstBad null where no fault showed
 * @param sinceFirstBad answers from the first bad one on, itself included, shadow replays too
 * @param byKind answers by the kind of fault
 */
public record Model(
    String variant,
    long answers,
    long bad,
    @Nullable Instant firstBad,
    long sinceFirstBad,
    Map<String, Long> byKind) {}
