package io.serin.worker;

import io.serin.comparison.answer.Question;
import io.serin.openai.BodyPatch;
import io.serin.openai.CompletionRequest;
import io.serin.privacy.Redaction;
import io.serin.schemas.CapturedPayload;
import io.serin.schemas.Command;
import io.serin.schemas.DeadLetter;
import io.serin.schemas.ShadowExample;
import io.serin.schemas.ShadowPlan;
import io.serin.schemas.ShadowResult;
import io.serin.schemas.VariantTarget;
import io.serin.worker.Hindrances.Hindrance;
import io.serin.worker.Replay.Done;
import io.serin.worker.Replay.Task;
import io.serin.worker.ReplayPlan.Scope;
import io.serin.worker.ReplayPlan.Skip;
import io.serin.worker.budget.Backoff;
import io.serin.worker.budget.Gate;
import io.serin.worker.budget.RequestSchedule;
import io.serin.worker.budget.Spend;
import io.serin.worker.budget.Spending;
import io.serin.worker.budget.Totals;
import io.serin.worker.call.ModelCaller;
import io.serin.worker.commands.CommandTable;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns the captured requests of one lane into their results: exactly one for each candidate of the
 * plan, or one that says why none was asked. Waits for permits, budget and unavailable candidates:
 * it blocks until done, and is for virtual threads. Thread-safe.
 */
final class Replayer {
  private static final Logger LOG = LoggerFactory.getLogger(Replayer.class);

  /** Reason where the worker itself failed; its log says why. */
  static final String FAILED = "failed";

  /** Reason where the candidate said 429 to every attempt: it was not measured. */
  static final String RATE_LIMITED = "rate-limited";

  /** A place is held meanwhile: less than a report's patience. */
  private static final io.serin.worker.review.JsonEndpoint.Patience REVIEW =
      new io.serin.worker.review.JsonEndpoint.Patience(Duration.ofSeconds(20), 2);

  /**
   * What bounds a replay.
   *
   * @param worker its name
   * @param attempts of one model, first included, before a failure is final: 1 or more
   * @param patience for the command that a payload was captured under
   */
  record Settings(String worker, int attempts, Backoff backoff, Duration patience) {
    Settings {
      if (attempts < 1) {
        throw new IllegalArgumentException("attempts is " + attempts + ": it must be at least 1");
      }
    }
  }

  /** The rules of a command's plan, compiled once. */
  private record Rules(long revision, Redaction redaction, BodyPatch force) {}

  private final LaneId lane;
  private final Scope scope;
  private final ModelCaller caller;
  private final CommandTable commands;
  private final Settings settings;
  private final DoubleSupplier share;
  private final Spending spending;
  private final WorkerMetrics metrics;
  private final InstantSource clock;
  private final Gate gate = new Gate();
  private final UnavailableVariants away;
  private final Hindrances hindrances;
  private final ExampleTexts examples;
  private final Reviewer reviewer;
  private final Differences differences = new Differences();
  private volatile @Nullable Rules rules;

  /**
   * @param share of the rollout's concurrency and rate that is this worker's, in (0, 1]
   */
  Replayer(
      LaneId lane,
      Scope scope,
      ModelCaller caller,
      CommandTable commands,
      Settings settings,
      DoubleSupplier share,
      Spending spending,
      WorkerMetrics metrics,
      InstantSource clock) {
    this.lane = lane;
    this.scope = scope;
    this.caller = caller;
    this.commands = commands;
    this.settings = settings;
    this.share = share;
    this.spending = spending;
    this.metrics = metrics;
    this.clock = clock;
    this.away = new UnavailableVariants(settings.backoff(), metrics);
    this.hindrances = new Hindrances(away);
    this.examples = new ExampleTexts(caller.credentials());
    this.reviewer = new Reviewer(caller.credentials(), metrics, REVIEW);
  }

  /** What one captured request comes to; never without a result. */
  Done replay(Task task) throws InterruptedException {
    CapturedPayload payload = task.payload();
    Command command =
        commands.await(payload.getRollout(), payload.getRevision(), settings.patience());
    String omitted = payload.getOmitted();
    if (omitted != null) {
      return skip(payload, "", omitted.equals("hashes") ? "hashes-only" : omitted);
    }
    return switch (ReplayPlan.of(payload, command, scope)) {
      case Skip(String reason) -> skip(payload, "", reason);
      case ReplayPlan.Replay plan -> {
        try {
          yield replay(
              task, PayloadOpener.open(payload, plan.shadow(), caller.credentials()), plan);
        } catch (PayloadOpener.UnusableException e) {
          yield deadLetter(task, null, e.reason(), String.valueOf(e.getMessage()), Spend.NOTHING);
        }
      }
    };
  }

  /** Pairs being asked now. */
  int inFlight() {
    return gate.inside();
  }

  /** How many this worker may ask at a time. */
  int places() {
    Command command = commands.get(lane.rollout());
    ShadowPlan plan = command == null ? null : ReplayPlan.plan(command, scope);
    return Math.max(1, (int) Math.round(LaneId.places(plan) * share.getAsDouble()));
  }

  /**
   * What delays replays.
   *
   * @param pending whether any request waits
   */
  Hindrance hindrance(boolean pending) {
    return hindrances.now(pending, gate.inside() >= places());
  }

  private Done replay(Task task, PayloadOpener.Opened opened, ReplayPlan.Replay plan)
      throws InterruptedException {
    List<ShadowResult> results = new ArrayList<>();
    List<ShadowExample> examples = new ArrayList<>();
    List<DeadLetter> letters = new ArrayList<>();
    Spend used = Spend.NOTHING;
    for (VariantTarget candidate : plan.candidates()) {
      Done done = candidate(task, opened, candidate.getName());
      results.addAll(done.results());
      examples.addAll(done.examples());
      letters.addAll(done.deadLetters());
      used = used.plus(done.used());
    }
    return new Done(List.copyOf(results), List.copyOf(examples), List.copyOf(letters), used);
  }

  private Done candidate(Task task, PayloadOpener.Opened opened, String candidate)
      throws InterruptedException {
    gate.enter(this::places);
    metrics.entered();
    Pair pair = new Pair(task.payload(), opened.request(), candidate);
    boolean begun = false;
    Spend reviewed = Spend.NOTHING;
    try {
      String none = begin(task.payload());
      if (none != null) {
        return skip(task.payload(), candidate, none);
      }
      begun = true;
      hindrances.began(pair);
      PairOfSides.Given given = pair.ask();
      Spend used = pair.used();
      return switch (given) {
        case PairOfSides.Over(String reason) -> skip(task.payload(), candidate, reason, used);
        case PairOfSides.Both both -> {
          metrics.measured(both.candidate().first().measurement().getOutcome());
          Question question = Differences.question(task.payload(), opened.request(), both.force());
          io.serin.comparison.answer.Pair beside =
              Differences.beside(question, both.candidate(), both.control());
          Reviewer.Found found =
              beside == null ? Reviewer.Found.NOTHING : reviewer.review(beside, both.plan());
          reviewed = found.used();
          yield done(task.payload(), opened, both, question, found, used.plus(reviewed));
        }
      };
    } catch (RuntimeException e) {
      LOG.atError()
          .addKeyValue("event", "replay.failed")
          .addKeyValue("rollout", task.payload().getRollout())
          .addKeyValue("requestId", task.payload().getRequestId())
          .addKeyValue("cause", e.getClass().getName())
          .log("a replay failed in a way that it does not know");
      return deadLetter(
          task, candidate, FAILED, e.getClass().getName(), pair.used().plus(reviewed));
    } finally {
      hindrances.ended(pair);
      if (begun) {
        spending.done(pair.used().plus(reviewed));
      }
      metrics.left();
      gate.leave();
    }
  }

  private Done done(
      CapturedPayload payload,
      PayloadOpener.Opened opened,
      PairOfSides.Both both,
      Question question,
      Reviewer.Found found,
      Spend used) {
    Results.Told told =
        Results.of(
            payload,
            opened.servedText(),
            question,
            both.candidate(),
            both.control(),
            differences,
            found,
            used,
            both.plan().getForce() != null,
            lane,
            clock.instant());
    ShadowExample example =
        told.telling() && both.plan().getExamples()
            ? examples.of(told.result(), question, opened.servedText(), both)
            : null;
    return new Done(
        List.of(told.result()), example == null ? List.of() : List.of(example), List.of(), used);
  }

  private @Nullable String begin(CapturedPayload payload) {
    Command command = commands.get(payload.getRollout());
    ShadowPlan plan = command == null ? null : ReplayPlan.plan(command, scope);
    String none =
        spending.begin(
            lane.backfill() == null ? payload.getRun() : Totals.OF_BACKFILL,
            plan == null ? null : plan.getBudget(),
            clock.instant().getEpochSecond() / 3_600);
    hindrances.budget(none);
    return none;
  }

  private Done skip(CapturedPayload payload, String variant, String reason) {
    return skip(payload, variant, reason, Spend.NOTHING);
  }

  private Done skip(CapturedPayload payload, String variant, String reason, Spend used) {
    metrics.skipped(reason);
    return new Done(
        List.of(Results.skipped(payload, variant, reason, used, lane, clock.instant())),
        List.of(),
        List.of(),
        used);
  }

  private Done deadLetter(
      Task task, @Nullable String variant, String reason, String cause, Spend used) {
    metrics.deadLetter(reason);
    Done skipped = skip(task.payload(), variant == null ? "" : variant, reason, used);
    return new Done(
        skipped.results(),
        List.of(),
        List.of(
            Results.deadLetter(
                task, variant, reason, cause, settings.worker(), lane, clock.instant())),
        used);
  }

  private Rules rules(Command command, ShadowPlan plan) {
    Rules known = rules;
    if (known == null || known.revision() != command.getRevision()) {
      String force = plan.getForce();
      known =
          new Rules(
              command.getRevision(),
              Redaction.of(plan.getRedactBuiltIn(), plan.getRedactPatterns(), List.of()),
              force == null ? BodyPatch.NONE : BodyPatch.parse(force));
      rules = known;
    }
    return known;
  }

  /** What a pair needs of the lane. */
  private final class Pair extends PairOfSides {
    private final CapturedPayload payload;

    Pair(CapturedPayload payload, CompletionRequest request, String candidate) {
      super(payload.getRequestId(), request, candidate, caller, settings, away, metrics);
      this.payload = payload;
    }

    @Override
    ReplayPlan plan() {
      return ReplayPlan.of(payload, commands.get(payload.getRollout()), scope);
    }

    @Override
    BodyPatch force(ReplayPlan.Replay plan) {
      return rules(plan.command(), plan.shadow()).force();
    }

    @Override
    Redaction redaction(ReplayPlan.Replay plan) {
      return rules(plan.command(), plan.shadow()).redaction();
    }

    @Override
    RequestSchedule pace(String variant) {
      return hindrances.pace(variant);
    }

    @Override
    double rate(ReplayPlan.Replay plan) {
      return plan.shadow().getRequestsPerSecond() * share.getAsDouble();
    }

    @Override
    void limited() {
      hindrances.limited();
    }
  }
}
