package io.serin.schemas.tail;

import java.util.Optional;

/**
 * What a reader thread is doing.
 *
 * <pre>
 *   Starting ──▶ Reading ◀──▶ Waiting        (registry or Kafka unavailable)
 *                   │            │
 *                   ├────────────┴──▶ Dead    (a fault of the code; not restarted)
 *                   └───────────────▶ Closed
 * </pre>
 */
public sealed interface ReaderState {

  /** Has not polled yet. */
  record Starting() implements ReaderState {}

  /** Polls succeed. */
  record Reading() implements ReaderState {}

  /** Retries indefinitely; nothing is skipped meanwhile. */
  record Waiting(String why) implements ReaderState {}

  /** The thread has ended by an exception that a retry cannot mend. */
  record Dead(String why) implements ReaderState {}

  /** Closed by its owner. */
  record Closed() implements ReaderState {}

  /** One sentence for readiness; empty while reading works. */
  default Optional<String> trouble() {
    return switch (this) {
      case Starting() -> Optional.of("has not read anything yet");
      case Reading() -> Optional.empty();
      case Waiting(String why) -> Optional.of("waits: " + why);
      case Dead(String why) -> Optional.of("has died: " + why + "; restart the service");
      case Closed() -> Optional.of("is closed");
    };
  }
}
