package io.serin.rehearsal.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A prompt cache as inference servers have it: leading blocks of tokens are found by a chained
 * hash, stay for a time after their last use, and the block unused for longest leaves a full cache.
 * Not thread-safe.
 */
public final class PrefixCache {

  private final CacheBehaviour behaviour;
  private final LinkedHashMap<Long, Long> lastUse = new LinkedHashMap<>(16, 0.75f, true);

  public PrefixCache(CacheBehaviour behaviour) {
    this.behaviour = behaviour;
  }

  /**
   * Looks a prompt up and keeps it.
   *
   * @return how many of its leading tokens were cached
   */
  public int use(List<String> promptTokens, long nowMillis) {
    int cached = 0;
    boolean hit = true;
    long hash = 1125899906842597L;
    int whole = promptTokens.size() / behaviour.blockTokens() * behaviour.blockTokens();
    for (int i = 0; i < whole; i++) {
      String token = promptTokens.get(i);
      for (int c = 0; c < token.length(); c++) {
        hash = 31 * hash + token.charAt(c);
      }
      hash = (hash ^ (hash >>> 29)) * 0xbf58476d1ce4e5b9L;
      if ((i + 1) % behaviour.blockTokens() == 0) {
        Long used = lastUse.put(hash, nowMillis);
        hit &= used != null && nowMillis - used <= behaviour.ttl().toMillis();
        cached += hit ? behaviour.blockTokens() : 0;
      }
    }
    while (lastUse.size() > behaviour.maxBlocks()) {
      Map.Entry<Long, Long> eldest = lastUse.firstEntry();
      lastUse.remove(eldest.getKey());
    }
    return cached;
  }
}
