package io.serin.router.trip;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often control is asked whether it would serve what a candidate refused as the client's
 * mistake. Only opinions in vain cost: where control serves the request, the opinion is given back.
 * Each request of a sender earns a tenth of one, up to {@value #OF_SENDER} for a sender and {@value
 * #OF_ALL} for all, so that a burst of mistakes cannot double control's load. Remembers the {@value
 * #SENDERS} senders that asked last. Confined to one event loop.
 */
public final class SecondOpinions {

  /** Opinions that one sender can save, and starts with. */
  static final int OF_SENDER = 5;

  /** Opinions that all senders together can save, and start with. */
  static final int OF_ALL = 15;

  private static final int SENDERS = 4_096;
  private static final int UNITS = 10;

  private int all = OF_ALL * UNITS;
  private final Map<String, Integer> senders =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
          return size() > SENDERS;
        }
      };

  /** A candidate was asked for a sender. Senders whose opinions are all saved are not kept. */
  public void earn(String sender) {
    all = Math.min(OF_ALL * UNITS, all + 1);
    add(sender, 1);
  }

  /** Whether control may be asked; the opinion is then spent. */
  public boolean spend(String sender) {
    int saved = senders.getOrDefault(sender, OF_SENDER * UNITS);
    if (saved < UNITS || all < UNITS) {
      return false;
    }
    all -= UNITS;
    senders.put(sender, saved - UNITS);
    return true;
  }

  /** Control served what the candidate refused: the opinion was not in vain. */
  public void giveBack(String sender) {
    all = Math.min(OF_ALL * UNITS, all + UNITS);
    add(sender, UNITS);
  }

  private void add(String sender, int units) {
    senders.computeIfPresent(
        sender, (_, saved) -> saved + units >= OF_SENDER * UNITS ? null : saved + units);
  }
}
