package io.serin.worker;

import io.serin.openai.BodyPatch;
import io.serin.openai.CompletionRequest;
import io.serin.privacy.Redaction;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.ShadowPlan;
import io.serin.schemas.VariantTarget;
import io.serin.worker.budget.Draw;
import io.serin.worker.budget.Prices;
import io.serin.worker.budget.RequestSchedule;
import io.serin.worker.budget.Spend;
import io.serin.worker.call.ModelAttempt;
import io.serin.worker.call.ModelCaller;
import io.serin.worker.call.UnreachableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One candidate beside, where drawn, control: the same prompt, the same parameters, the same time,
 * in an order that the request draws. Blocks; used once, by one thread.
 */
abstract class PairOfSides {
  private static final Logger LOG = LoggerFactory.getLogger(PairOfSides.class);

  /** What asking gave. */
  sealed interface Given {}

  /** Both sides; control is null where it was not drawn, or could not be measured. */
  record Both(Replayed candidate, @Nullable Replayed control, BodyPatch force, ShadowPlan plan)
      implements Given {}

  /** There is nobody to ask any more, or the candidate could not be measured. */
  record Over(String reason) implements Given {}

  private static final class OverException extends Exception {
    private static final long serialVersionUID = 1L;
    private final String reason;

    OverException(String reason) {
      super(reason, null, false, false);
      this.reason = reason;
    }
  }

  private final String requestId;
  private final CompletionRequest request;
  private final String candidate;
  private final ModelCaller caller;
  private final Replayer.Settings settings;
  private final UnavailableVariants away;
  private final WorkerMetrics metrics;
  private Spend used = Spend.NOTHING;

  PairOfSides(
      String requestId,
      CompletionRequest request,
      String candidate,
      ModelCaller caller,
      Replayer.Settings settings,
      UnavailableVariants away,
      WorkerMetrics metrics) {
    this.requestId = requestId;
    this.request = request;
    this.candidate = candidate;
    this.caller = caller;
    this.settings = settings;
    this.away = away;
    this.metrics = metrics;
  }

  /** The plan as it is now. */
  abstract ReplayPlan plan();

  /** What is forced on both sides. */
  abstract BodyPatch force(ReplayPlan.Replay plan);

  /** What answers are redacted with before they are compared. */
  abstract Redaction redaction(ReplayPlan.Replay plan);

  /** The rate of one variant's calls. */
  abstract RequestSchedule pace(String variant);

  /** Calls of candidates a second; 0 is without limit. */
  abstract double rate(ReplayPlan.Replay plan);

  /** A model said that it was asked too fast. */
  abstract void limited();

  /** What all calls of this pair took so far. */
  final synchronized Spend used() {
    return used;
  }

  /** Asks until there is something to tell. */
  final Given ask() throws InterruptedException {
    try {
      for (int failures = 1; ; failures++) {
        ReplayPlan.Replay plan = current();
        VariantTarget target = target(plan);
        if (away.is(candidate)) {
          pauseFor(target, plan, failures);
          continue;
        }
        pause(pace(candidate).take(System.nanoTime(), rate(plan)));
        try {
          return once(plan);
        } catch (UnreachableException e) {
          gone(target, plan, e);
        }
      }
    } catch (OverException e) {
      return new Over(e.reason);
    }
  }

  private Given once(ReplayPlan.Replay plan)
      throws InterruptedException, OverException, UnreachableException {
    if (plan.control() == null) {
      return new Both(askCandidate(plan.answers()), null, force(plan), plan.shadow());
    }
    FutureTask<@Nullable Replayed> mine = new FutureTask<>(() -> askCandidate(plan.answers()));
    FutureTask<@Nullable Replayed> beside =
        new FutureTask<>(() -> askControl(plan.controlAnswers()));
    // At the same time, in an order drawn by the request: neither side is always the first.
    boolean controlFirst = Draw.basisPoints("order", requestId) < 5_000;
    Thread.startVirtualThread(controlFirst ? beside : mine);
    Thread.startVirtualThread(controlFirst ? mine : beside);
    try {
      Replayed given = get(mine);
      if (given == null) {
        throw new IllegalStateException("a candidate that was asked gave nothing");
      }
      return new Both(given, get(beside), force(plan), plan.shadow());
    } finally {
      mine.cancel(true);
      beside.cancel(true);
    }
  }

  private static @Nullable Replayed get(FutureTask<@Nullable Replayed> side)
      throws InterruptedException, OverException, UnreachableException {
    try {
      return side.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case OverException over -> throw over;
        case UnreachableException unreachable -> throw unreachable;
        case RuntimeException wrong -> throw wrong;
        case null, default -> throw new IllegalStateException("a side of a pair failed", e);
      }
    }
  }

  private Replayed askCandidate(int answers)
      throws InterruptedException, OverException, UnreachableException {
    List<Replayed.Asked> given = new ArrayList<>();
    boolean paced = true; // by whoever began the pair
    while (given.size() < answers) {
      Replayed.Asked asked = candidateOnce(paced);
      paced = false;
      if (asked == null) {
        if (given.isEmpty()) {
          throw new OverException(Replayer.RATE_LIMITED);
        }
        break;
      }
      given.add(asked);
    }
    return new Replayed(candidate, given.getFirst(), List.copyOf(given.subList(1, given.size())));
  }

  /** One answer; null where every attempt was one too fast. */
  private Replayed.@Nullable Asked candidateOnce(boolean paced)
      throws InterruptedException, OverException, UnreachableException {
    ModelAttempt graded = null;
    boolean waited = paced;
    for (int asked = 1; ; asked++) {
      ReplayPlan.Replay plan = current();
      VariantTarget target = target(plan);
      if (!waited) {
        pause(pace(candidate).take(System.nanoTime(), rate(plan)));
      }
      waited = false;
      ModelAttempt attempt = call(plan, target);
      away.found(candidate);
      graded = grade(graded, attempt);
      if (attempt.kind() == ModelAttempt.Kind.ANSWERED || asked >= settings.attempts()) {
        return graded.kind() == ModelAttempt.Kind.LIMITED ? null : asked(plan, graded, attempt);
      }
      retry(candidate, attempt, asked);
    }
  }

  /** Control's answers; null where every attempt at the first was one too fast. */
  private @Nullable Replayed askControl(int answers) throws InterruptedException, OverException {
    List<Replayed.Asked> given = new ArrayList<>();
    String name = "";
    while (given.size() < answers) {
      ModelAttempt graded = null;
      for (int asked = 1; ; asked++) {
        ReplayPlan.Replay plan = current();
        VariantTarget target = plan.control();
        if (target == null) {
          throw new OverException(ReplayPlan.NO_SHADOW);
        }
        name = target.getName();
        pause(pace(name).take(System.nanoTime(), 0));
        ModelAttempt attempt;
        try {
          attempt = call(plan, target);
        } catch (UnreachableException e) {
          // Control is measured, not waited for: the candidate's result does not depend on it.
          attempt = ModelAttempt.without(Outcome.CONNECT_ERROR, 0);
        }
        graded = grade(graded, attempt);
        if (attempt.kind() == ModelAttempt.Kind.ANSWERED || asked >= settings.attempts()) {
          if (graded.kind() == ModelAttempt.Kind.LIMITED) {
            return given.isEmpty() ? null : replayed(name, given);
          }
          given.add(asked(plan, graded, attempt));
          break;
        }
        retry(name, attempt, asked);
      }
    }
    return replayed(name, given);
  }

  private static Replayed replayed(String name, List<Replayed.Asked> given) {
    return new Replayed(name, given.getFirst(), List.copyOf(given.subList(1, given.size())));
  }

  private ModelAttempt call(ReplayPlan.Replay plan, VariantTarget target)
      throws InterruptedException, UnreachableException {
    ModelAttempt attempt = caller.call(target, request, force(plan), plan.command().getDeadlines());
    Spend more = Prices.of(target.getName(), attempt.measurement(), plan.shadow().getBudget());
    use(more);
    metrics.used(target.getName(), more);
    return attempt;
  }

  private synchronized void use(Spend more) {
    used = used.plus(more);
  }

  private Replayed.Asked asked(ReplayPlan.Replay plan, ModelAttempt graded, ModelAttempt last) {
    String text = last.text();
    Measurement measurement = graded.measurement();
    return new Replayed.Asked(
        measurement,
        text == null ? null : redaction(plan).redactAnswer(text, new HashMap<>()),
        last.toolCalls());
  }

  private ReplayPlan.Replay current() throws OverException {
    return switch (plan()) {
      case ReplayPlan.Skip(String reason) -> throw new OverException(reason);
      case ReplayPlan.Replay plan -> plan;
    };
  }

  private VariantTarget target(ReplayPlan.Replay plan) throws OverException {
    for (VariantTarget target : plan.candidates()) {
      if (target.getName().equals(candidate)) {
        return target;
      }
    }
    throw new OverException(ReplayPlan.NO_SHADOW);
  }

  private void gone(VariantTarget target, ReplayPlan.Replay plan, UnreachableException e) {
    if (away.lost(candidate, String.valueOf(e.getMessage()))) {
      LOG.atWarn()
          .addKeyValue("event", "candidate.unreachable")
          .addKeyValue("rollout", plan.command().getRollout())
          .addKeyValue("variant", target.getName())
          .addKeyValue("cause", e.getMessage())
          .log("the candidate cannot be reached; its replays wait");
    }
  }

  private void pauseFor(VariantTarget target, ReplayPlan.Replay plan, int failures)
      throws InterruptedException {
    away.pause(
        candidate, failures, () -> caller.probe(target, request, plan.command().getDeadlines()));
  }

  private void retry(String variant, ModelAttempt attempt, int asked) throws InterruptedException {
    metrics.retried(attempt.kind());
    Duration own = settings.backoff().after(asked);
    Duration longest = settings.backoff().longest();
    Duration wanted = attempt.retryAfter().compareTo(own) > 0 ? attempt.retryAfter() : own;
    Duration wait = wanted.compareTo(longest) > 0 ? longest : wanted;
    if (attempt.kind() == ModelAttempt.Kind.LIMITED) {
      limited();
      pace(variant).hold(System.nanoTime() + wait.toNanos()); // everybody waits, not only this one
    }
    Thread.sleep(wait);
  }

  private static ModelAttempt grade(@Nullable ModelAttempt graded, ModelAttempt attempt) {
    return graded != null && graded.kind().graded() ? graded : attempt;
  }

  private static void pause(long nanos) throws InterruptedException {
    if (nanos > 0) {
      Thread.sleep(Duration.ofNanos(nanos));
    }
  }
}
