package io.serin.rehearsal.drive;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.rehearsal.fault.FaultPlan;
import io.serin.rehearsal.fault.ScheduledFault;
import io.serin.rehearsal.model.AnswerTally;
import io.serin.rehearsal.model.CacheBehaviour;
import io.serin.rehearsal.model.FaultClock;
import io.serin.rehearsal.model.Latency;
import io.serin.rehearsal.model.ModelServer;
import io.serin.rehearsal.model.ModelSettings;
import io.serin.rehearsal.recorded.RecordedAnswers;
import io.serin.rehearsal.traffic.Arrivals;
import io.serin.rehearsal.traffic.Traffic;
import io.serin.rehearsal.traffic.TrafficSettings;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The driver and the model server against each other, on real sockets. */
class DriverTest {

  private static final RecordedAnswers RECORDED = RecordedAnswers.shipped("candidate");

  private final Vertx vertx = Vertx.vertx();
  private final FaultClock clock = new FaultClock(InstantSource.system(), true);

  @AfterEach
  void close() {
    vertx.close().await();
  }

  @Test
  void shouldFindEveryGoodAnswerWhole() throws InterruptedException {
    Driver.Progress progress = drive(server(0), 300, Duration.ofSeconds(10));

    assertThat(progress.begun()).isEqualTo(300);
    assertThat(progress.outcomes()).containsExactly(Map.entry(ClientOutcome.OK, 300L));
    assertThat(progress.notSent()).isZero();
  }

  @Test
  void shouldCountTheErrorsTheModelTold() throws InterruptedException {
    ModelServer server = server(0, "candidate:errors=30%@0s");
    int port = server.listen("127.0.0.1", 0).await();

    Driver.Progress progress = drive(port, 400, Duration.ofSeconds(10));
    AnswerTally.Snapshot tally = server.tally();

    assertThat(progress.outcomes().get(ClientOutcome.HTTP_ERROR))
        .isEqualTo(tally.bad())
        .isBetween(80L, 160L);
    assertThat(progress.outcomes().get(ClientOutcome.OK)).isEqualTo(400 - tally.bad());
    assertThat(tally.byKind()).containsOnlyKeys("errors");
    assertThat(tally.firstBad()).isNotNull();
  }

  @Test
  void shouldSeeCutsEmptyAnswersAndHangsForWhatTheyAre() throws InterruptedException {
    assertThat(only("candidate:cut-stream@0s", Duration.ofMinutes(1))).isEqualTo(ClientOutcome.CUT);
    assertThat(only("candidate:empty@0s", Duration.ofMinutes(1))).isEqualTo(ClientOutcome.EMPTY);
    assertThat(only("candidate:hang@0s", Duration.ofMillis(300))).isEqualTo(ClientOutcome.TIMEOUT);
    assertThat(only("candidate:refusals=100%@0s", Duration.ofMinutes(1)))
        .isEqualTo(ClientOutcome.OK);
    assertThat(only("candidate:tokens=2x@0s", Duration.ofMinutes(1))).isEqualTo(ClientOutcome.OK);
  }

  @Test
  void shouldCutAStreamThatIsWrittenSlowlyToo() throws InterruptedException {
    ModelServer server = server(400, "candidate:cut-stream@0s");
    int port = server.listen("127.0.0.1", 0).await();

    assertThat(drive(port, 20, Duration.ofSeconds(10)).outcomes())
        .containsOnlyKeys(ClientOutcome.CUT);
  }

  @Test
  void shouldSayThatARequestNeverLeft() throws InterruptedException, IOException {
    int nobody;
    try (ServerSocket socket = new ServerSocket(0)) {
      nobody = socket.getLocalPort();
    }

    assertThat(drive(nobody, 5, Duration.ofSeconds(10)).outcomes())
        .containsExactly(Map.entry(ClientOutcome.NEVER_CONNECTED, 5L));
  }

  @Test
  void shouldKeepItsScheduleWhileNothingIsAnswered() throws InterruptedException {
    int port = server(0, "candidate:hang@0s").listen("127.0.0.1", 0).await();
    try (Driver driver = driver(port, Duration.ofMinutes(5))) {
      Thread thread = Thread.startVirtualThread(() -> run(driver, 400));
      while (driver.progress().inFlight() < 400) {
        Thread.sleep(10);
      }

      assertThat(driver.progress().completed()).isZero();
      thread.interrupt();
    }
  }

  private ClientOutcome only(String fault, Duration deadline) throws InterruptedException {
    ModelServer server = server(0, fault);
    int port = server.listen("127.0.0.1", 0).await();
    Driver.Progress progress = drive(port, 20, deadline);
    assertThat(progress.outcomes()).as(fault).hasSize(1);
    return progress.outcomes().keySet().iterator().next();
  }

  private int server(int tokensPerSecond) {
    return server(tokensPerSecond, new String[0]).listen("127.0.0.1", 0).await();
  }

  private ModelServer server(int tokensPerSecond, String... faults) {
    return new ModelServer(
        vertx,
        new ModelSettings(
            "candidate", Latency.parse("fixed:5ms"), tokensPerSecond, 8, CacheBehaviour.DEFAULT, 1),
        RECORDED,
        new FaultPlan("candidate", Arrays.stream(faults).map(ScheduledFault::parse).toList()),
        clock,
        InstantSource.system(),
        _ -> {});
  }

  private Driver.Progress drive(int port, int requests, Duration deadline)
      throws InterruptedException {
    try (Driver driver = driver(port, deadline)) {
      driver.run(traffic(requests));
      return driver.progress();
    }
  }

  private static void run(Driver driver, int requests) {
    try {
      driver.run(traffic(requests));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Driver driver(int port, Duration deadline) {
    return new Driver(
        new DriverSettings(
            List.of(URI.create("http://127.0.0.1:" + port)), "assistant", deadline, 1_000, 0, 1),
        InstantSource.system());
  }

  private static Traffic traffic(int requests) {
    TrafficSettings settings =
        new TrafficSettings(Duration.ofMinutes(1), requests, 0.4, 0.5, 0.3, 0.2, 1);
    return new Traffic("t", settings, Arrivals.poisson(1_000, new SplittableRandom(1)), RECORDED);
  }
}
