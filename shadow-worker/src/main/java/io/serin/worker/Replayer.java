package io.serin.worker;

import io.serin.comparison.answer.Question;
import io.serin.openai.BodyPatch;
import io.serin.openai.CompletionRequest;
import io.serin.openai.Endpoint;
import io.serin.openai.OpenAiException;
import io.serin.privacy.PayloadSeal;
import io.serin.privacy.Redaction;
import io.serin.schemas.CapturedPayload;
import io.serin.schemas.Command;
import io.serin.schemas.DeadLetter;
import io.serin.schemas.SealedPayload;
import io.serin.schemas.ShadowExample;
import io.serin.schemas.ShadowPlan;
import io.serin.schemas.ShadowResult;
import io.serin.schemas.VariantTarget;
import io.serin.worker.Replay.Done;
import io.serin.worker.Replay.Task;
import io.serin.worker.ReplayPlan.Scope;
import io.serin.worker.ReplayPlan.Skip;
import io.serin.worker.budget.Backoff;
import io.serin.worker.budget.Gate;
import io.serin.worker.budget.Pace;
import io.serin.worker.budget.Spend;
import io.serin.worker.budget.Spending;
import io.serin.worker.budget.Totals;
import io.serin.worker.call.ModelCaller;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns the captured requests of one lane into their results: exactly one for each candidate of the
 * plan, or one that says why none was asked. Waits for places, budget and candidates that are away,
 * so it blocks for as long as it takes; for virtual threads. Thread-safe.
 */
final class Replayer {
  private static final Logger LOG = LoggerFactory.getLogger(Replayer.class);

  /** Reason where the captured body is no request that can be sent. */
  static final String UNREADABLE = "unreadable-request";

  /** Reason where the seal cannot be opened. */
  static final String UNDECRYPTABLE = "undecryptable";

  /** Reason where the worker itself failed; its log says why. */
  static final String FAILED = "failed";

  /** Reason where the candidate said 429 to every attempt: it was not measured. */
  static final String RATE_LIMITED = "rate-limited";

  /** A place is held meanwhile: less than a report's patience. */
  private static final io.serin.worker.review.Endpoint.Patience REVIEW =
      new io.serin.worker.review.Endpoint.Patience(Duration.ofSeconds(20), 2);

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

  /** A request that can be asked. */
  private record Opened(CompletionRequest request, @Nullable String servedText) {}

  /** Nobody can be asked. */
  private static final class UnusableException extends Exception {
    private static final long serialVersionUID = 1L;
    private final String reason;

    UnusableException(String reason, String cause) {
      super(cause, null, false, false);
      this.reason = reason;
    }
  }

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
  private final Map<String, Pace> paces = new ConcurrentHashMap<>();
  private final UnavailableVariants away;
  private final ExampleTexts examples;
  private final Reviewer reviewer;
  private final Differences differences = new Differences();
  private final Map<Pair, Long> underWay = new ConcurrentHashMap<>();
  private final AtomicInteger limited = new AtomicInteger();
  private volatile long limitedAt;
  private volatile @Nullable String over;
  private volatile long overAt;
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
          yield replay(task, open(payload, plan.shadow()), plan);
        } catch (UnusableException e) {
          yield deadLetter(task, null, e.reason, String.valueOf(e.getMessage()), Spend.NOTHING);
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
   * What holds replays up, in words: the state and its cause.
   *
   * @param pending whether any request waits
   */
  Hindrance hindrance(boolean pending) {
    String cause = away.cause();
    if (cause != null && pending) {
      return new Hindrance("candidate-away", cause);
    }
    long now = System.nanoTime();
    String budget = over;
    if (budget != null && now - overAt < TimeUnit.SECONDS.toNanos(15)) {
      return new Hindrance("over-budget", budget);
    }
    boolean held = paces.values().stream().anyMatch(pace -> pace.held(now));
    if (limited.get() > 0 && (held || now - limitedAt < TimeUnit.SECONDS.toNanos(5))) {
      return new Hindrance("rate-limited", limited.get() + " answers with status 429 so far");
    }
    long oldest = underWay.values().stream().mapToLong(from -> now - from).max().orElse(0);
    if (oldest > TimeUnit.SECONDS.toNanos(5) && gate.inside() >= places()) {
      return new Hindrance(
          "slow",
          "every place is taken; the oldest pair has waited for "
              + TimeUnit.NANOSECONDS.toSeconds(oldest)
              + " s");
    }
    return new Hindrance(pending ? "replaying" : "idle", null);
  }

  /** A state of serin.workers. */
  record Hindrance(String state, @Nullable String cause) {}

  private Done replay(Task task, Opened opened, ReplayPlan.Replay plan)
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

  private Done candidate(Task task, Opened opened, String candidate) throws InterruptedException {
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
      underWay.put(pair, System.nanoTime());
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
      underWay.remove(pair);
      if (begun) {
        spending.done(pair.used().plus(reviewed));
      }
      metrics.left();
      gate.leave();
    }
  }

  private Done done(
      CapturedPayload payload,
      Opened opened,
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
    over = none;
    if (none != null) {
      overAt = System.nanoTime();
    }
    return none;
  }

  private Opened open(CapturedPayload payload, ShadowPlan plan) throws UnusableException {
    byte[] body;
    String servedText = payload.getServedText();
    SealedPayload sealed = payload.getSealed();
    if (sealed == null) {
      body = new byte[payload.getRequestBody().remaining()];
      payload.getRequestBody().duplicate().get(body);
    } else {
      PayloadSeal.Content content = unseal(payload, sealed, plan);
      body = content.requestBody();
      servedText = content.servedText();
    }
    Endpoint endpoint = Endpoint.ofId(payload.getEndpoint());
    if (endpoint == null) {
      throw new UnusableException(
          UNREADABLE, "endpoint " + payload.getEndpoint() + " is not known");
    }
    try {
      return new Opened(CompletionRequest.read(endpoint, body), servedText);
    } catch (OpenAiException e) {
      // Not its message: that may repeat the body.
      throw new UnusableException(UNREADABLE, "the body is no request of " + endpoint.id());
    }
  }

  private PayloadSeal.Content unseal(CapturedPayload payload, SealedPayload sealed, ShadowPlan plan)
      throws UnusableException {
    String reference = plan.getSealKeys().get(sealed.getKeyId());
    if (reference == null) {
      throw new UnusableException(
          UNDECRYPTABLE, "key " + sealed.getKeyId() + " is none of the rollout's keys");
    }
    String secret = caller.credentials().secret(reference);
    if (secret == null || secret.isBlank()) {
      throw new UnusableException(
          UNDECRYPTABLE, "key " + sealed.getKeyId() + " cannot be read from " + reference);
    }
    try {
      return PayloadSeal.open(
          sealed,
          PayloadSeal.key(secret),
          PayloadSeal.binding(payload.getRequestId(), payload.getRollout(), payload.getRun()));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new UnusableException(
          UNDECRYPTABLE,
          "key " + sealed.getKeyId() + " does not open it: " + e.getClass().getSimpleName());
    }
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
    Pace pace(String variant) {
      return paces.computeIfAbsent(variant, ignored -> new Pace());
    }

    @Override
    double rate(ReplayPlan.Replay plan) {
      return plan.shadow().getRequestsPerSecond() * share.getAsDouble();
    }

    @Override
    void limited() {
      limited.incrementAndGet();
      limitedAt = System.nanoTime();
    }
  }
}
