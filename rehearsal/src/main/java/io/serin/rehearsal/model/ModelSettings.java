package io.serin.rehearsal.model;

/**
 * How one model server behaves.
 *
 * @param name the variant it plays, and the model it says it is
 * @param tokensPerSecond 0 is without limit: recorded answers differ in length, and a rehearsal
 *     that compares two models on their speed must not measure how much each of them says
 * @param tokensPerChunk tokens in one event of a stream, at least 1
 * @param seed of everything drawn
 */
public record ModelSettings(
    String name,
    Latency latency,
    double tokensPerSecond,
    int tokensPerChunk,
    CacheBehaviour cache,
    long seed) {

  public ModelSettings {
    if (!(tokensPerSecond >= 0) || Double.isInfinite(tokensPerSecond)) {
      throw new IllegalArgumentException(
          "tokens per second: " + tokensPerSecond + " must be at least 0");
    }
    if (tokensPerChunk < 1) {
      throw new IllegalArgumentException(
          "tokens per chunk: " + tokensPerChunk + " must be at least 1");
    }
  }
}
