package io.serin.router.exchange;

import io.serin.router.http.ClientBounds;

/**
 * The bounds of the data plane.
 *
 * @param maxRequestBytes largest body of a client's request, in bytes, after decompression
 * @param maxAnswerBytes largest answer that is held as a whole (not streamed), in bytes
 * @param maxHeldBytes how much of a stream is held while it has no content yet, in bytes; then it
 *     is let through
 * @param maxCapturedBytes largest request body or answer text that is captured for shadowing, in
 *     bytes
 * @param connectionsPerLoop most connections of one event loop to one variant
 * @param revealVariant whether answers name the variant in x-serin-variant
 * @param clients what clients may take: time, connections, memory
 * @param api what is offered beyond the rollouts
 */
public record ProxySettings(
    int maxRequestBytes,
    int maxAnswerBytes,
    int maxHeldBytes,
    int maxCapturedBytes,
    int connectionsPerLoop,
    boolean revealVariant,
    ClientBounds clients,
    ApiSettings api) {

  /** Bounds that suit a small router. */
  public static final ProxySettings DEFAULT =
      new ProxySettings(
          16 << 20,
          32 << 20,
          64 << 10,
          256 << 10,
          4096,
          false,
          ClientBounds.DEFAULT,
          ApiSettings.DEFAULT);

  /** Checks the bounds. */
  public ProxySettings {
    positive("max-request-bytes", maxRequestBytes);
    positive("max-answer-bytes", maxAnswerBytes);
    positive("max-held-bytes", maxHeldBytes);
    positive("max-captured-bytes", maxCapturedBytes);
    positive("connections", connectionsPerLoop);
  }

  private static void positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": " + value + ", must be at least 1");
    }
  }
}
