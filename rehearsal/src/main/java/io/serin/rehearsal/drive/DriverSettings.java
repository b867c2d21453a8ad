package io.serin.rehearsal.drive;

import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * How the driver drives.
 *
 * @param routers base URLs without /v1; requests go to them in turn
 * @param model what clients ask for: the rollout's name
 * @param deadline of one request
 * @param maxInFlight bound of requests under way; one that is due beyond it is not sent, and the
 *     report says so
 * @param feedback share of good answers that get a thumb, 0 to 1: nine of ten up, but for an answer
 *     that its model server marked as one to dislike
 * @param seed of everything drawn
 */
public record DriverSettings(
    List<URI> routers,
    String model,
    Duration deadline,
    int maxInFlight,
    double feedback,
    long seed) {

  public DriverSettings {
    routers = List.copyOf(routers);
    if (routers.isEmpty()) {
      throw new IllegalArgumentException("routers: at least one URL is needed");
    }
    if (maxInFlight < 1) {
      throw new IllegalArgumentException("max in flight: " + maxInFlight + " must be at least 1");
    }
    if (!(feedback >= 0 && feedback <= 1)) {
      throw new IllegalArgumentException("feedback: " + feedback + " must be from 0 to 1");
    }
  }
}
