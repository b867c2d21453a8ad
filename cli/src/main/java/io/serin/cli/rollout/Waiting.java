package io.serin.cli.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Asks again and again until a rollout is as wanted. */
public final class Waiting {

  private static final long PAUSE_MILLIS = 100;

  private Waiting() {}

  /**
   * Waits until every live router serves the newest command, and there is at least one.
   *
   * @return whether that was in time
   */
  public static boolean untilServed(ControlClient client, String rollout, Duration most)
      throws ControlException, InterruptedException {
    return untilServed(client, rollout, 1, most);
  }

  /**
   * Waits until every live router serves the newest command, and there are as many as expected.
   *
   * @return whether that was in time
   */
  public static boolean untilServed(
      ControlClient client, String rollout, int routers, Duration most)
      throws ControlException, InterruptedException {
    return until(client, rollout, answer -> served(answer, routers), most) != null;
  }

  private static boolean served(JsonNode answer, int routers) {
    int serving = 0;
    for (JsonNode router : answer.path("routers")) {
      if (router.path("serves").asBoolean()) {
        serving++;
      } else if (router.path("live").asBoolean()) {
        return false;
      }
    }
    return serving >= routers;
  }

  /**
   * Waits; an API that does not answer for a while is waited for too, but the first call must
   * succeed.
   *
   * @return the rollout as wanted; null where that was not in time
   */
  static @Nullable JsonNode until(
      ControlClient client, String rollout, Predicate<JsonNode> wanted, Duration most)
      throws ControlException, InterruptedException {
    long deadline = System.nanoTime() + most.toNanos();
    boolean answered = false;
    while (true) {
      try {
        JsonNode now = ControlCall.known(client, rollout);
        answered = true;
        if (wanted.test(now)) {
          return now;
        }
      } catch (ControlException e) {
        if (!answered || e.status() != 0) {
          throw e;
        }
      }
      if (System.nanoTime() - deadline >= 0) {
        return null;
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }
}
