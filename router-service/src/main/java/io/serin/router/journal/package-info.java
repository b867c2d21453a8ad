/**
 * The journal that is the publishing queue: events in memory-mapped segments, numbered, that
 * survive the death of the process. Bytes and files only; what the bytes mean is {@code
 * io.serin.router.kafka}'s. Start reading at {@link io.serin.router.journal.Journal}.
 */
@NullMarked
package io.serin.router.journal;

import org.jspecify.annotations.NullMarked;
