package io.serin.router.realtime;

import java.time.Duration;

/**
 * What WebSockets may take of a router.
 *
 * @param sessions open at once on the router
 * @param frameBytes of one frame, which is held while it passes
 * @param messageBytes of one message, over all its frames
 * @param idle how long neither side may say anything
 * @param connect how long the model server may take to accept
 */
public record RealtimeBounds(
    int sessions, int frameBytes, int messageBytes, Duration idle, Duration connect) {

  /** As large as OpenAI takes audio (15 MiB, in base64 and JSON), and as long as a pause may be. */
  public static final RealtimeBounds DEFAULT =
      new RealtimeBounds(1_000, 4 << 20, 24 << 20, Duration.ofMinutes(10), Duration.ofSeconds(10));
}
