package io.serin.rehearsal.drive;

import org.jspecify.annotations.Nullable;

/**
 * What a client saw of one request.
 *
 * @param id its x-client-request-id
 * @param startedAtMillis since the epoch, when it was sent
 * @param lateMicros how much later than planned it was sent
 * @param requestId the router's x-request-id; null where no answer came
 * @param status null where none came
 * @param ttftMicros to the first byte of the body; null where none came
 * @param durationMicros to the end
 * @param detail in words where it is not OK, without a prompt or an answer
 */
public record RequestResult(
    String id,
    boolean streamed,
    long startedAtMillis,
    long lateMicros,
    @Nullable String requestId,
    @Nullable Integer status,
    @Nullable Long ttftMicros,
    long durationMicros,
    ClientOutcome outcome,
    @Nullable String detail) {}
