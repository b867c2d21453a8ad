package io.serin.router.journal;

/**
 * The bytes of one event as they are handed to the journal, which copies them before it returns.
 *
 * @param kind what the bytes are, 0 … 127; events of each kind are numbered apart
 * @param partition the Kafka partition that every copy of the event is sent to
 * @param schema fingerprint of the schema the bytes were written with
 * @param bytes holds the event from index 0
 * @param length how many of the bytes count
 */
@SuppressWarnings("ArrayRecordComponent") // Made for every event, compared by nobody.
public record Payload(int kind, int partition, long schema, byte[] bytes, int length) {

  public static Payload of(int kind, int partition, long schema, byte[] bytes) {
    return new Payload(kind, partition, schema, bytes, bytes.length);
  }

  /** An event that could not be encoded: the journal drops and counts it, and closes its ticket. */
  public static Payload unreadable() {
    return new Payload(0, 0, 0, new byte[0], Integer.MAX_VALUE);
  }

  @Override
  public String toString() {
    return "Payload[kind=" + kind + ", partition=" + partition + ", length=" + length + "]";
  }
}
