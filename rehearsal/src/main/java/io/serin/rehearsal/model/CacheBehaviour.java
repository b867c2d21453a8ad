package io.serin.rehearsal.model;

import java.time.Duration;

/**
 * How the prompt cache behaves.
 *
 * @param reported whether answers carry prompt_tokens_details.cached_tokens
 * @param ttl how long a prefix stays after its last use
 * @param blockTokens prefixes are kept in blocks of so many tokens, at least 1
 * @param maxBlocks bound of the cache; the block unused for longest goes first
 * @param hitFactor factor on the time to first byte when the whole prompt was cached, more than 0
 *     and at most 1; a part of the prompt shortens by its part; 1 leaves latency alone
 */
public record CacheBehaviour(
    boolean reported, Duration ttl, int blockTokens, int maxBlocks, double hitFactor) {

  /** Reports hits and leaves latency alone. */
  public static final CacheBehaviour DEFAULT =
      new CacheBehaviour(true, Duration.ofMinutes(5), 16, 100_000, 1);

  public CacheBehaviour {
    if (ttl.isNegative() || ttl.isZero()) {
      throw new IllegalArgumentException("cache: ttl " + ttl + " must be more than 0");
    }
    if (blockTokens < 1) {
      throw new IllegalArgumentException(
          "cache: blockTokens " + blockTokens + " must be at least 1");
    }
    if (maxBlocks < 1) {
      throw new IllegalArgumentException("cache: maxBlocks " + maxBlocks + " must be at least 1");
    }
    if (!(hitFactor > 0 && hitFactor <= 1)) {
      throw new IllegalArgumentException(
          "cache: hitFactor " + hitFactor + " must be more than 0 and at most 1");
    }
  }
}
