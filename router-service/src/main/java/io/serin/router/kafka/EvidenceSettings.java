package io.serin.router.kafka;

import io.serin.router.journal.JournalSettings;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The bounds of what the router keeps on its way to Kafka.
 *
 * @param journal where events wait, and how many bytes of them
 * @param maxInFlight events in memory on their way to Kafka
 * @param maxPayloadBytes largest captured payload, request and answer together
 * @param maxQueuedPayloads captured payloads that wait in memory
 * @param maxQueuedPayloadBytes bytes of captured payloads that wait in memory
 * @param drain how long {@link KafkaEvidence#close} goes on publishing
 */
public record EvidenceSettings(
    JournalSettings journal,
    int maxInFlight,
    int maxPayloadBytes,
    int maxQueuedPayloads,
    long maxQueuedPayloadBytes,
    Duration drain) {

  public EvidenceSettings {
    atLeastOne("publisher.maxInFlight", maxInFlight);
    atLeastOne("payloads.maxBytes", maxPayloadBytes);
    atLeastOne("payloads.maxQueued", maxQueuedPayloads);
    atLeastOne("payloads.maxQueuedBytes", maxQueuedPayloadBytes);
    if (drain.isNegative()) {
      throw new IllegalArgumentException("journal.drain is " + drain + ": must not be negative");
    }
  }

  /**
   * The defaults: 1 GiB of journal, 10 000 events in flight, payloads of 512 KiB, 32 MiB of them, 5
   * s to drain.
   */
  public static EvidenceSettings of(Path journal) {
    return of(journal, JournalSettings.DEFAULT_MAX_BYTES);
  }

  /** The defaults with another bound of the journal, in bytes. */
  public static EvidenceSettings of(Path journal, long maxJournalBytes) {
    return new EvidenceSettings(
        JournalSettings.of(journal, maxJournalBytes),
        10_000,
        512 << 10,
        1_000,
        32L << 20,
        Duration.ofSeconds(5));
  }

  private static void atLeastOne(String setting, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(setting + " is " + value + ": must be at least 1");
    }
  }
}
