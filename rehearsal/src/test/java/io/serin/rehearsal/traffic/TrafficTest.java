package io.serin.rehearsal.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.rehearsal.recorded.RecordedAnswers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TrafficTest {

  private static final RecordedAnswers RECORDED = RecordedAnswers.shipped("control");

  @Test
  void shouldBeTheSameForTheSameSeed() {
    assertThat(requests(settings(3)))
        .isEqualTo(requests(settings(3)))
        .isNotEqualTo(requests(settings(4)));
  }

  @Test
  void shouldKeepItsRateDurationAndShares() {
    List<PlannedRequest> requests = requests(settings(1));

    assertThat(requests.size()).as("50 a second for 60 s").isBetween(2_800, 3_200);
    assertThat(requests).allMatch(request -> request.offsetNanos() < 60_000_000_000L);
    assertThat(share(requests, PlannedRequest::streamed)).isBetween(0.46, 0.54);
    assertThat(share(requests, request -> !request.chat())).isBetween(0.07, 0.13);
    assertThat(requests.stream().map(PlannedRequest::id).distinct()).hasSize(requests.size());
  }

  @Test
  void shouldHaveUsersWhoReturnWithAHeavyTail() {
    Map<String, Integer> perUser = new HashMap<>();
    requests(settings(1)).forEach(request -> perUser.merge(request.user(), 1, Integer::sum));
    int once = (int) perUser.values().stream().filter(count -> count == 1).count();
    int most = perUser.values().stream().mapToInt(Integer::intValue).max().orElseThrow();

    assertThat(perUser.size()).isBetween(1_000, 1_500);
    assertThat(once).isGreaterThan(perUser.size() / 3);
    assertThat(most).isGreaterThan(20);
  }

  @Test
  void shouldStopAtTheLastRequest() {
    TrafficSettings settings = new TrafficSettings(Duration.ofHours(1), 10, 0.4, 0.5, 0, 0, 1);

    assertThat(requests(settings)).hasSize(10);
  }

  @Test
  void shouldGoOnWithAConversationOfTheSameUser() {
    TrafficSettings settings =
        new TrafficSettings(Duration.ofSeconds(60), 1_000, 0.2, 0.5, 0.8, 0, 1);
    Map<String, String> userOf = new HashMap<>();
    Map<String, Integer> turns = new HashMap<>();

    for (PlannedRequest request : requests(settings)) {
      String conversation = String.valueOf(request.conversation());
      assertThat(userOf.computeIfAbsent(conversation, _ -> request.user()))
          .isEqualTo(request.user());
      assertThat(request.earlier()).hasSize(turns.merge(conversation, 1, Integer::sum) - 1);
    }
    assertThat(turns.values()).anyMatch(count -> count > 3).allMatch(count -> count <= 8);
  }

  private static TrafficSettings settings(long seed) {
    return new TrafficSettings(Duration.ofSeconds(60), 100_000, 0.4, 0.5, 0, 0.1, seed);
  }

  private static List<PlannedRequest> requests(TrafficSettings settings) {
    List<PlannedRequest> requests = new ArrayList<>();
    new Traffic(
            "r", settings, Arrivals.poisson(50, new SplittableRandom(settings.seed())), RECORDED)
        .forEachRemaining(requests::add);
    return requests;
  }

  private static double share(
      List<PlannedRequest> requests, java.util.function.Predicate<PlannedRequest> which) {
    return requests.stream().filter(which).count() / (double) requests.size();
  }
}
