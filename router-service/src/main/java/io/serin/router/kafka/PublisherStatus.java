package io.serin.router.kafka;

import org.jspecify.annotations.Nullable;

/**
 * The publisher in figures, since the process started.
 *
 * @param published events that Kafka acknowledged, copies included
 * @param unsendable events given up because no retry can help: too large, or not to be read
 * @param restarts times that publishing began again from what was acknowledged last
 * @param oldestAgeMillis how long the oldest event waits that Kafka has not acknowledged; 0 where
 *     none does
 * @param lastError what went wrong last, null where publishing goes well
 */
public record PublisherStatus(
    long published,
    long unsendable,
    long restarts,
    long oldestAgeMillis,
    @Nullable String lastError) {}
