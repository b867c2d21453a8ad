package io.serin.rails;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.ActionKind;
import io.serin.schemas.ActionRequest;
import io.serin.schemas.Command;
import io.serin.schemas.EventId;
import io.serin.schemas.Measurement;
import io.serin.schemas.Observation;
import io.serin.schemas.Outcome;
import io.serin.schemas.PairObservation;
import io.serin.schemas.Rating;
import io.serin.schemas.RefusedPart;
import io.serin.schemas.RolloutState;
import io.serin.schemas.RouterAck;
import io.serin.schemas.Slice;
import io.serin.schemas.StepFailure;
import io.serin.schemas.Tick;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random files, actions, observations and clocks against the controller that ships: nothing throws,
 * no number is NaN, abort always ends a run, and a stage without evidence never ends by itself.
 * {@code -Dserin.fuzz.runs=100000} is the full form, {@code -Dserin.fuzz.from} its first seed.
 */
class FuzzTest {
  private static final List<Outcome> OUTCOMES = List.of(Outcome.values());
  private static final List<ActionKind> ACTIONS = List.of(ActionKind.values());
  private static final int RUNS = Integer.getInteger("serin.fuzz.runs", 300);
  private static final int FROM = Integer.getInteger("serin.fuzz.from", 0);
  private static final int STEPS = 40;
  private static final String NAME = "fuzz";

  @Test
  void shouldSurviveAnythingAndAlwaysHaveAWayOut() {
    for (int seed = FROM; seed < FROM + RUNS; seed++) {
      try {
        new Run(seed).go();
      } catch (RuntimeException | Error e) {
        throw new AssertionError("-Dserin.fuzz.runs=1 -Dserin.fuzz.from=" + seed + ": " + e, e);
      }
    }
  }

  /** One rollout's life. */
  private static final class Run {
    private final SplittableRandom random;
    private final RandomFiles files;
    private final ControllerInMemory controller = new ControllerInMemory(NAME);
    private final List<String> routers = List.of("r1", "r2", "r3");
    private long now = 1_793_606_400_000L;
    private long units;
    private long keys;
    private double controlFails;
    private double candidateFails;

    /** The command of the stage under way, and whether a candidate gave evidence in it. */
    private @Nullable Command stage;

    private boolean evidence;

    Run(int seed) {
      random = new SplittableRandom(seed);
      files = new RandomFiles(random);
    }

    void go() {
      give(null, controller.apply("run-0", files.accepted(NAME).text(), now));
      for (int i = 1; i <= STEPS; i++) {
        if (random.nextInt(6) == 0) {
          controlFails = rate();
          candidateFails = rate();
        }
        step(i);
      }
      leave();
    }

    private void step(int number) {
      switch (random.nextInt(16)) {
        case 0 -> act(action(random.nextInt(1, 9)));
        case 1 -> clock(random.nextLong(-90_000_000L, 90_000_000L));
        case 2 -> clock(random.nextLong(-700_000_000_000L, 700_000_000_000L));
        case 3 -> act(heartbeat(true));
        case 4 -> act(evidence(true));
        case 5 -> act(rating());
        case 6 -> act(pair());
        case 7 -> {
          switch (random.nextInt(4)) {
            case 0 ->
                give(null, controller.apply("run-" + number, files.accepted(NAME).text(), now));
            case 1 -> give(null, controller.apply("run-" + number, files.file(NAME), now));
            case 2 -> act(foreign());
            default -> act(failure());
          }
        }
        case 8, 9 -> clock(random.nextLong(0, 20_000));
        case 10 -> clock(random.nextLong(0, 7_200_000));
        default -> traffic(random.nextInt(1, 25));
      }
    }

    private void traffic(int requests) {
      for (int i = 0; i < requests; i++) {
        act(evidence(false));
        now += random.nextInt(0, 3_000);
        if (i % 5 == 0) {
          act(heartbeat(false));
          clock(0);
        }
      }
    }

    private void clock(long by) {
      now = Math.max(0, now + by);
      if (by > 0 && random.nextBoolean()) {
        act(heartbeat(false));
      }
      if (random.nextInt(8) == 0 || controller.due(now)) {
        act(new Tick(Instant.ofEpochMilli(now)));
      }
    }

    /** Abort ends what is active; what failed is rolled back. */
    private void leave() {
      Command serving = serving();
      switch (serving.getState()) {
        case RUNNING, PAUSED, FROZEN, FAILED -> {
          act(action(ActionKind.ABORT));
          assertThat(serving().getState()).isEqualTo(RolloutState.ABORTED);
          assertThat(serving().getSplit()).containsExactly(new Slice("control", 0, 10_000));
        }
        case ROLLED_BACK, ABORTED ->
            assertThat(serving.getSplit()).containsExactly(new Slice("control", 0, 10_000));
        case PROMOTED, RETIRED, UNKNOWN -> {}
      }
    }

    private Command serving() {
      Command serving = controller.serving();
      if (serving == null) {
        throw new AssertionError("no command was written");
      }
      return serving;
    }

    private void act(SpecificRecord input) {
      give(input, controller.step(input, Math.max(0, now)));
    }

    private void give(@Nullable SpecificRecord input, List<SpecificRecord> given) {
      for (SpecificRecord record : given) {
        noNan(record, record);
        if (record instanceof Command command) {
          ordered(input, command);
        }
      }
      if (input instanceof Observation seen
          && stage != null
          && seen.getRun().equals(stage.getRun())
          && seen.getStage() == stage.getStage()
          && !seen.getVariant().equals("control")) {
        evidence = true;
      }
    }

    private void ordered(@Nullable SpecificRecord input, Command command) {
      Command before = stage;
      boolean same =
          before != null
              && before.getRun().equals(command.getRun())
              && before.getStage() == command.getStage();
      if (same) {
        stage = command; // Its candidates may have been taken out: there is nothing to wait for.
        return;
      }
      boolean advanced =
          before != null
              && before.getRun().equals(command.getRun())
              && before.getStage() < command.getStage()
              && before.getSplit().size() > 1;
      boolean byHand =
          input instanceof ActionRequest asked && asked.getKind() == ActionKind.PROMOTE;
      if (advanced && !evidence && !byHand) {
        throw new AssertionError("stage " + command.getStageName() + " began without evidence");
      }
      stage = command;
      evidence = false;
    }

    private static void noNan(@Nullable Object value, SpecificRecord record) {
      switch (value) {
        case Double number when number.isNaN() -> throw new AssertionError("NaN in " + record);
        case Map<?, ?> map -> map.values().forEach(each -> noNan(each, record));
        case List<?> list -> list.forEach(each -> noNan(each, record));
        case IndexedRecord inner -> {
          for (int i = 0; i < inner.getSchema().getFields().size(); i++) {
            noNan(inner.get(i), record);
          }
        }
        case null, default -> {}
      }
    }

    private double rate() {
      return random.nextBoolean() ? 0 : random.nextInt(4) == 0 ? 1 : random.nextDouble();
    }

    private String variant() {
      Command serving = serving();
      List<String> names = new ArrayList<>(List.of("", "nobody", "control"));
      serving.getVariants().forEach(variant -> names.add(variant.getName()));
      return names.get(random.nextInt(names.size()));
    }

    private long anything() {
      return switch (random.nextInt(6)) {
        case 0 -> Long.MAX_VALUE;
        case 1 -> Long.MIN_VALUE;
        case 2 -> -1;
        case 3 -> 0;
        default -> random.nextLong(0, 600_000_000);
      };
    }

    private @Nullable Long some(long value) {
      return random.nextInt(3) == 0 ? null : Long.valueOf(value);
    }

    /**
     * A first request of a new unit, sorted by the split as it is served; or one that cannot be.
     */
    private Observation evidence(boolean hostile) {
      Command serving = serving();
      int slot = random.nextInt(10_000);
      String variant = "control";
      Map<String, Integer> weights = new TreeMap<>();
      for (Slice slice : serving.getSplit()) {
        weights.merge(slice.getVariant(), slice.getTo() - slice.getFrom(), Integer::sum);
        if (slot >= slice.getFrom() && slot < slice.getTo()) {
          variant = slice.getVariant();
        }
      }
      boolean fails =
          random.nextDouble() < (variant.equals("control") ? controlFails : candidateFails);
      boolean refusal = random.nextInt(10) == 0;
      long micros = Math.round(100_000 * Math.exp(random.nextDouble(-2, 2)));
      Observation.Builder seen =
          Observation.newBuilder()
              .setRollout(NAME)
              .setRun(serving.getRun())
              .setRevision(serving.getRevision())
              .setStage(serving.getStage())
              .setUnit("unit-" + units++)
              .setVariant(variant)
              .setEventTime(Instant.ofEpochMilli(Math.max(0, now - random.nextInt(0, 2_000))))
              .setSource(new EventId("router", 0, units))
              .setLabelClass("")
              .setLabelSlots(weights)
              .setFirst(true)
              .setFirstOfKind(true)
              .setFirstError(fails)
              .setFirstRefusal(refusal)
              .setFirstCached(random.nextInt(3) == 0)
              .setFirstFollowUp(random.nextInt(5) == 0)
              .setPeaks(Map.of("LATENCY", -1L, "DURATION", -1L, "TOKENS", -1L))
              .setWeights(weights)
              .setStreamed(random.nextBoolean())
              .setMeasurement(
                  Measurement.newBuilder()
                      .setOutcome(fails ? Outcome.HTTP_ERROR : Outcome.OK)
                      .setTtftMicros(some(micros / 2))
                      .setDurationMicros(micros)
                      .setPromptTokens(some(20))
                      .setCompletionTokens(some(random.nextLong(0, 400)))
                      .setCachedTokens(some(random.nextLong(0, 20)))
                      .setRefusal(refusal)
                      .build());
      if (hostile) {
        spoil(seen);
      }
      return seen.build();
    }

    private void spoil(Observation.Builder seen) {
      switch (random.nextInt(10)) {
        case 0 -> seen.setStage(random.nextInt());
        case 1 -> seen.setVariant(variant());
        case 2 -> seen.setEventTime(Instant.ofEpochMilli(anything()));
        case 3 -> seen.setLabelSlots(Map.of());
        case 4 -> seen.setLabelSlots(Map.of("control", random.nextInt(), "candidate", -7));
        case 5 -> seen.setWeights(Map.of("nobody", random.nextInt()));
        case 6 ->
            seen.setPeaks(
                Map.of("LATENCY", anything(), "DURATION", anything(), "TPOT", anything()));
        case 7 -> seen.setLabelClass("a/b|c:d,e=" + random.nextInt());
        case 8 -> seen.setRun("run-" + random.nextInt(5));
        default ->
            seen.setMeasurement(
                Measurement.newBuilder()
                    .setOutcome(OUTCOMES.get(random.nextInt(OUTCOMES.size())))
                    .setTtftMicros(anything())
                    .setDurationMicros(anything())
                    .setPromptTokens(anything())
                    .setCompletionTokens(anything())
                    .setCachedTokens(anything())
                    .build());
      }
    }

    private Rating rating() {
      Observation of = evidence(random.nextInt(4) == 0);
      return Rating.newBuilder()
          .setRollout(NAME)
          .setRun(of.getRun())
          .setStage(of.getStage())
          .setUnit(of.getUnit())
          .setVariant(of.getVariant())
          .setEventTime(of.getEventTime())
          .setSource(of.getSource())
          .setLabelClass(of.getLabelClass())
          .setLabelSlots(of.getLabelSlots())
          .setBad(random.nextBoolean())
          .build();
    }

    private PairObservation pair() {
      Command serving = serving();
      return PairObservation.newBuilder()
          .setRollout(NAME)
          .setRun(serving.getRun())
          .setStage(random.nextInt(4) == 0 ? random.nextInt() : serving.getStage())
          .setUnit("unit-" + units++)
          .setCandidate(variant())
          .setRequestId("r" + units)
          .setCandidateFailed(random.nextBoolean())
          .setControlFailed(random.nextBoolean())
          .setCandidateRefused(random.nextBoolean())
          .setControlRefused(random.nextBoolean())
          .setDurationRatio(ratio())
          .setTokenRatio(ratio())
          .setCandidateHas(Map.of("schema", random.nextBoolean()))
          .setControlHas(Map.of("schema", random.nextBoolean()))
          .setSegments(List.of("language=en", "length=" + random.nextInt(3)))
          .build();
    }

    private double ratio() {
      return switch (random.nextInt(6)) {
        case 0 -> Double.NaN;
        case 1 -> Double.POSITIVE_INFINITY;
        case 2 -> -1;
        case 3 -> 0;
        default -> Math.exp(random.nextDouble(-1, 1));
      };
    }

    private ActionRequest action(int kind) {
      return action(ACTIONS.get(kind));
    }

    private ActionRequest action(ActionKind kind) {
      boolean plain = kind == ActionKind.ABORT || random.nextBoolean();
      return ActionRequest.newBuilder()
          .setRollout(NAME)
          .setKind(kind)
          .setWho(random.nextBoolean() ? "ann" : "router:r1")
          .setAt(Instant.ofEpochMilli(now))
          .setExpectedRevision(random.nextInt(9) == 0 && !plain ? Long.valueOf(anything()) : null)
          .setIdempotencyKey(plain ? "key-" + keys++ : "twice-" + random.nextInt(0, 9))
          .setVariant(plain ? null : variant())
          .build();
    }

    private RouterAck heartbeat(boolean odd) {
      Command serving = serving();
      long revision = odd ? random.nextLong(0, serving.getRevision() + 3) : serving.getRevision();
      boolean trips = odd && random.nextBoolean();
      boolean refuses = odd && random.nextInt(3) == 0;
      return RouterAck.newBuilder()
          .setRouter(routers.get(random.nextInt(routers.size())))
          .setIncarnation("i")
          .setAt(Instant.ofEpochMilli(now))
          .setUrl("http://router")
          .setRevisions(Map.of(NAME, revision))
          .setTrips(trips ? List.of(NAME + "/" + variant()) : List.of())
          .setRefused(
              refuses ? List.of(new RefusedPart(NAME, revision, variant(), "no")) : List.of())
          .setBacklog(0)
          .setBacklogBytes(0)
          .setDropped(0)
          .build();
    }

    /** Another controller's, or one of an earlier time. */
    private Command foreign() {
      Command serving = serving();
      RolloutState[] states = RolloutState.values();
      return Command.newBuilder(serving)
          .setRevision(Math.max(0, serving.getRevision() + random.nextInt(-3, 4)))
          .setRun(random.nextBoolean() ? serving.getRun() : "another")
          .setState(states[random.nextInt(states.length)])
          .setStage(random.nextInt(-1, 8))
          .setSplit(
              random.nextBoolean()
                  ? serving.getSplit()
                  : List.of(new Slice("candidate", -5, 20_000), new Slice("control", 0, 1)))
          .setIssuedAt(Instant.ofEpochMilli(Math.max(0, now + random.nextLong(-9_000, 9_000))))
          .build();
    }

    private StepFailure failure() {
      return StepFailure.newBuilder()
          .setAt(Instant.ofEpochMilli(now))
          .setCause("a fault of the judge")
          .setRun(serving().getRun())
          .setInputType("Observation")
          .build();
    }
  }
}
