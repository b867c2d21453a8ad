package io.serin.router.exchange;

import io.serin.schemas.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * What the client saw of its request's end.
 *
 * @param outcome the outcome
 * @param status the HTTP status; null if none was sent
 * @param ttftNanos from reading the request to the first byte of the answer; −1 if none was sent
 */
record ClientEnd(Outcome outcome, @Nullable Integer status, long ttftNanos) {}
