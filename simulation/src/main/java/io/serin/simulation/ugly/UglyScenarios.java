package io.serin.simulation.ugly;

import io.serin.simulation.scenario.Scenario;
import io.serin.simulation.ugly.UglyRun.Length;
import io.serin.simulation.ugly.UglyScenario.Claim;
import io.serin.simulation.ugly.UglyScenario.Part;
import io.serin.simulation.ugly.World.Answers;
import io.serin.simulation.ugly.World.Cache;
import io.serin.simulation.ugly.World.Clients;
import io.serin.simulation.ugly.World.Crowd;
import io.serin.simulation.ugly.World.Fault;
import io.serin.simulation.ugly.World.Pace;
import io.serin.simulation.ugly.World.Weather;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** All ugly streams, each a scenario. */
public final class UglyScenarios {
  private static final double[] LEVELS = {0.01, 0.2};
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** After which thresholds are known. */
  private static final Duration WARM = Duration.ofMinutes(5);

  private static final String VARIANTS =
      """
      rollout: simulated
      variants:
        control:   {url: http://localhost:8101/v1}
        candidate: {url: http://localhost:8102/v1}
      """;

  /** As announced: from a quarter by way of a half to all. */
  private static final String RAMP =
      VARIANTS
          + """
          stages:
            - {weight: 25%, for: 1m, until: time}
            - {weight: 50%, for: 1m, until: gate}
            - {weight: 100%, bake: 1m}
          """;

  /** One share throughout, with the default guards. */
  private static String steady(String share) {
    return VARIANTS + "stages:\n  - {weight: " + share + ", for: 60d, until: time}\n";
  }

  private static String alpha(String file, double alpha) {
    return file + "alpha: " + alpha + "\n";
  }

  private static Length requests(long requests) {
    return new Length(requests, Duration.ofDays(60), SECOND);
  }

  private static Length days(int days) {
    return new Length(Long.MAX_VALUE, Duration.ofDays(days), MINUTE);
  }

  /** An identical candidate at both levels. */
  private static List<Part> healthy(String file, World world, Length length) {
    List<Part> parts = new ArrayList<>();
    for (double alpha : LEVELS) {
      parts.add(part("α " + alpha, file, alpha, world, length, Claim.healthy(alpha)));
    }
    return parts;
  }

  private static Part part(
      String label, String file, double alpha, World world, Length length, Claim claim) {
    return new Part(
        label, alpha(file, alpha), alpha, new GeneratedStream.Source(world), length, claim);
  }

  private static final Weather OUTAGES =
      new Weather(48, Duration.ofMinutes(3), 0.5, 0, Duration.ZERO, 1, 0);

  private static final Weather SPELLS =
      new Weather(0, Duration.ZERO, 0, 3, Duration.ofMinutes(3), 3, 0);

  /** Streamed answers of seven seconds, one in twenty longer than fourteen; left after fifteen. */
  private static final World HURRIED =
      World.PLAIN
          .with(new Answers(7_000, 0.43, 0.01, 0, 0.05))
          .with(new Clients(Duration.ofSeconds(15), 0, 0));

  private static String duration(String quantile) {
    return RAMP
        + "guards:\n  - {metric: duration."
        + quantile
        + ", worseBy: 20%, then: rollback, notWorse: 20%}\n";
  }

  /** With their default parameters. */
  public static final List<Scenario> ALL =
      List.of(
          new UglyScenario(
              "both-out",
              "partial outages of both variants, 50 to 80 % failing for 3 minutes, twice an hour:"
                  + " nobody is rolled back",
              1,
              healthy(steady("25%"), World.PLAIN.with(OUTAGES), requests(20_000))),
          new UglyScenario(
              "own-servers",
              "each variant on its own server, slow spells of the same law: not rolled back",
              2,
              healthy(steady("25%"), World.PLAIN.with(SPELLS), requests(20_000))),
          new UglyScenario(
              "cold-start",
              "an identical model with an empty cache and equal shares is not rolled back",
              2,
              healthy(
                  steady("50%"),
                  World.PLAIN.with(new Cache(3_000, Duration.ofMinutes(30), true)),
                  requests(20_000))),
          new UglyScenario(
              "nights",
              "200 users who return, nobody at night, missingData: rollback: nothing is taken out",
              1,
              healthy(
                  steady("25%") + "missingData: {after: 10m, then: rollback}\n",
                  World.PLAIN.with(new Crowd(200, 1, 0.3, 0.05)).with(new Pace(0.05, 0.5, 9)),
                  days(7))),
          new UglyScenario(
              "drift",
              "3,000 users who return, latencies that grow by 30 % a day: not rolled back",
              1,
              healthy(
                  steady("25%"),
                  World.PLAIN
                      .with(new Crowd(3_000, 0.5, 0.3, 0.05))
                      .with(new Pace(0.2, 0.5, 0))
                      .with(new Weather(0, Duration.ZERO, 0, 0, Duration.ZERO, 1, 0.3)),
                  days(3))),
          new UglyScenario(
              "all-at-once",
              "Zipf users, errors that cluster, outages, own slow spells, impatience, ratings of the"
                  + " angry, a day's cycle: not rolled back",
              2,
              healthy(
                  RAMP,
                  new World(
                      new Crowd(5_000, 0.8, 0.4, 0.05),
                      new Pace(4, 0.6, 0),
                      new Answers(1_500, 0.6, 0.01, 0.2),
                      new Weather(6, Duration.ofMinutes(3), 0.5, 1, Duration.ofMinutes(3), 3, 0.05),
                      new Clients(Duration.ofSeconds(15), 0.005, 0.1),
                      new Cache(3_000, Duration.ofMinutes(30), true),
                      Fault.NONE),
                  requests(30_000))),
          new UglyScenario(
              "impatient",
              "clients leave after 15 s; a candidate slower by the margin of its duration gate is"
                  + " not promoted",
              3,
              List.of(
                  impatient("p95 ×1.2", "p95", 1.2, Claim.margin(0.01)),
                  impatient("p95 ×1.3", "p95", 1.3, Claim.margin(1)),
                  impatient("p50, identical", "p50", 1, Claim.healthy(0.01)))),
          new UglyScenario(
              "returning",
              "an identical candidate among users who return is promoted as announced",
              2,
              List.of(
                  part(
                      "",
                      RAMP,
                      0.01,
                      World.PLAIN.with(new Crowd(20_000, 0.8, 0.3, 0.05)).with(new Pace(4, 0.3, 0)),
                      requests(120_000),
                      Claim.announced(0.01)))),
          new UglyScenario(
              "points",
              "0.2 points more errors, atLeast 0.5 points, users who return: not rolled back",
              1,
              List.of(
                  part(
                      "",
                      steady("25%")
                          + """
                          guards:
                            - {metric: error.rate, worseBy: 0, atLeast: 0.5pp, then: rollback}
                          """,
                      0.01,
                      World.PLAIN.with(new Crowd(2_000, 0.5, 0, 0)).with(Fault.errors(0.002)),
                      requests(60_000),
                      Claim.healthy(0.01)))),
          new UglyScenario(
              "slow",
              "slower by 40 % from the fifth minute on, new users: found near the limit",
              3,
              List.of(slow("5%", 1.8), slow("25%", 1.8), slow("50%", 1.8))),
          new UglyScenario(
              "errors",
              "1 % errors become 3 %, new users: found near the limit",
              3,
              List.of(errors("5%", 1.8), errors("25%", 1.8), errors("50%", 1.8))),
          new UglyScenario(
              "hang",
              "answers that take 10 s take 60 s, 50 requests a second: found at once",
              3,
              List.of(
                  part(
                      "",
                      steady("25%"),
                      0.01,
                      World.PLAIN
                          .with(new Pace(50, 0, 0))
                          .with(new Answers(10_000, 0.3, 0.01, 0))
                          .with(Fault.slower(6).after(Duration.ofSeconds(60))),
                      requests(100_000),
                      Claim.found()))),
          new UglyScenario(
              "few",
              "100 users, the candidate five times slower: found within 14 days",
              1,
              List.of(
                  part(
                      "",
                      steady("25%"),
                      0.01,
                      World.PLAIN
                          .with(new Crowd(100, 0.5, 0.3, 0.05))
                          .with(new Pace(0.01, 0.5, 8))
                          .with(Fault.slower(5)),
                      days(14),
                      Claim.found()))),
          new UglyScenario(
              "zipf",
              "2,000 Zipf users, half as slow again from the first day: found",
              1,
              List.of(
                  part(
                      "",
                      steady("25%"),
                      0.01,
                      World.PLAIN.with(new Crowd(2_000, 1, 0.3, 0.05)).with(Fault.slower(1.5)),
                      requests(40_000),
                      Claim.found()))),
          new UglyScenario(
              "late-returning",
              "300 users who return, twice as slow from the third day on: found within a week",
              1,
              List.of(
                  part(
                      "",
                      steady("25%"),
                      0.01,
                      World.PLAIN
                          .with(new Crowd(300, 0.5, 0.3, 0.05))
                          .with(new Pace(0.05, 0.5, 0))
                          .with(Fault.slower(2).after(Duration.ofDays(2))),
                      days(7),
                      Claim.found()))),
          new UglyScenario(
              "tail",
              "the slowest sixth of answers twice as slow, the others twice as fast: only p95 fires",
              2,
              List.of(
                  part(
                      "",
                      steady("25%"),
                      0.01,
                      World.PLAIN.with(new Fault(Duration.ZERO, 0.5, 2.5, 0, 0)),
                      requests(20_000),
                      Claim.found().by("latency.p95")))),
          new UglyScenario(
              "angry",
              "ratings almost only from the angry; bad answers from 20 to 30 %: found",
              1,
              List.of(
                  part(
                      "",
                      steady("25%"),
                      0.01,
                      World.PLAIN
                          .with(new Answers(200, 0.5, 0.01, 0.2))
                          .with(new Clients(Duration.ZERO, 0.001, 0.1))
                          .with(new Fault(Duration.ZERO, 1, 1, 0, 0.1)),
                      requests(60_000),
                      Claim.found()))));

  private UglyScenarios() {}

  /** A recorded trace at 25 %: identical candidates, and one half as slow again. */
  static Scenario ofTrace(String name, String question, Function<Fault, Stream.Source> source) {
    List<Part> parts = new ArrayList<>();
    Length whole = new Length(Long.MAX_VALUE, Duration.ofDays(60), SECOND);
    for (double alpha : LEVELS) {
      parts.add(
          new Part(
              "identical, α " + alpha,
              alpha(steady("25%"), alpha),
              alpha,
              source.apply(Fault.NONE),
              whole,
              Claim.healthy(alpha)));
    }
    parts.add(
        new Part(
            "×1.5",
            alpha(steady("25%"), LEVELS[0]),
            LEVELS[0],
            source.apply(Fault.slower(1.5)),
            whole,
            Claim.healthy(1)));
    return new UglyScenario(name, question, 5, parts);
  }

  private static Part impatient(String label, String quantile, double slower, Claim claim) {
    return part(
        label,
        duration(quantile),
        0.01,
        HURRIED.with(Fault.slower(slower)),
        requests(8_000),
        claim);
  }

  private static Part slow(String share, double timesLimit) {
    return part(
        share,
        steady(share),
        0.01,
        World.PLAIN.with(Fault.slower(1.4).after(WARM)),
        requests(20_000),
        Claim.found(timesLimit));
  }

  private static Part errors(String share, double timesLimit) {
    return part(
        share,
        steady(share),
        0.01,
        World.PLAIN.with(Fault.errors(0.02)),
        requests(60_000),
        Claim.found(timesLimit));
  }

  public static Optional<Scenario> named(String name) {
    return ALL.stream().filter(s -> s.name().equals(name)).findFirst();
  }
}
