package io.serin.worker;

import io.serin.comparison.answer.AnswerOutcome;
import io.serin.comparison.answer.Answered;
import io.serin.comparison.answer.Pair;
import io.serin.comparison.review.Embedder;
import io.serin.comparison.review.JudgePrompt;
import io.serin.comparison.review.Judgement;
import io.serin.comparison.review.PortException;
import io.serin.comparison.review.Review;
import io.serin.modelcalls.Authorization;
import io.serin.modelcalls.Credentials;
import io.serin.schemas.ShadowModel;
import io.serin.schemas.ShadowPlan;
import io.serin.schemas.ShadowPrice;
import io.serin.worker.budget.Draw;
import io.serin.worker.budget.Spend;
import io.serin.worker.call.UnreachableException;
import io.serin.worker.review.HttpEmbedder;
import io.serin.worker.review.HttpJudge;
import io.serin.worker.review.JsonEndpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets the plan's further models look at a pair: one embeds its answers, one judges them. They are
 * a help, not a side: where one fails the pair goes on without it, and the next pairs too for half
 * a minute, so that a model that is away holds up no replay. Blocks; thread-safe.
 */
final class Reviewer {
  private static final Logger LOG = LoggerFactory.getLogger(Reviewer.class);

  /** As metrics and draws name them. */
  static final String SIMILARITY = "similarity";

  static final String JUDGE = "judge";

  private static final double MILLION = 1e6;
  private static final long REST_NANOS = Duration.ofSeconds(30).toNanos();

  /**
   * What was found, and what it took.
   *
   * @param judgement null where nobody judged
   * @param model that judged; null where nobody did
   * @param ofJudge what the judge's calls took
   * @param used all calls
   */
  record Found(
      Review review,
      @Nullable Judgement judgement,
      @Nullable String model,
      Spend ofJudge,
      Spend used) {
    static final Found NOTHING = new Found(Review.NONE, null, null, Spend.NOTHING, Spend.NOTHING);
  }

  private final Credentials credentials;
  private final WorkerMetrics metrics;
  private final JsonEndpoint.Patience patience;
  private final Map<String, Long> restsUntil = new ConcurrentHashMap<>();

  Reviewer(Credentials credentials, WorkerMetrics metrics, JsonEndpoint.Patience patience) {
    this.credentials = credentials;
    this.metrics = metrics;
    this.patience = patience;
  }

  /**
   * Looks at a candidate's answer beside replayed control's.
   *
   * @param pair where both sides are known
   */
  Found review(Pair pair, ShadowPlan plan) {
    String id = pair.question().id();
    if (pair.control().outcome() != AnswerOutcome.ANSWERED
        || pair.candidate().outcome() != AnswerOutcome.ANSWERED
        || pair.control().text() == null
        || pair.candidate().text() == null) {
      return Found.NOTHING;
    }
    List<Double> likeness = List.of();
    Spend used = Spend.NOTHING;
    ShadowModel embeds = plan.getSimilarity();
    if (embeds != null && drawn(SIMILARITY, id, embeds)) {
      Embedded embedded = embedded(pair, embeds);
      likeness = embedded.likeness();
      used = used.plus(embedded.used());
    }
    Judgement judgement = null;
    Spend ofJudge = Spend.NOTHING;
    ShadowModel judge = plan.getJudge();
    if (judge != null && drawn(JUDGE, id, judge)) {
      judgement = judged(pair, judge);
      if (judgement != null) {
        ofJudge = used(2, judgement.promptTokens(), judgement.completionTokens(), judge.getPrice());
        metrics.used(JUDGE, ofJudge);
        used = used.plus(ofJudge);
      }
    }
    return new Found(
        new Review(
            likeness.isEmpty() ? null : likeness.getFirst(),
            likeness.size() < 2 ? null : likeness.get(1),
            plan.getSimilarityAtLeast(),
            judgement == null ? null : judgement.better()),
        judgement,
        judgement == null || judge == null ? null : judge.getModel(),
        ofJudge,
        used);
  }

  private boolean drawn(String kind, String requestId, ShadowModel model) {
    return Draw.basisPoints(kind, requestId) < model.getShareBasisPoints()
        && System.nanoTime() - restsUntil.getOrDefault(kind, Long.MIN_VALUE / 2) > 0;
  }

  /** Of candidate and control first, then of control and control asked again, where it was. */
  private record Embedded(List<Double> likeness, Spend used) {}

  private Embedded embedded(Pair pair, ShadowModel model) {
    List<String> texts = new ArrayList<>();
    texts.add(String.valueOf(pair.control().text()));
    texts.add(String.valueOf(pair.candidate().text()));
    Answered again = pair.again();
    if (again != null && again.outcome() == AnswerOutcome.ANSWERED && again.text() != null) {
      texts.add(again.text());
    }
    try {
      HttpEmbedder embedder = new HttpEmbedder(endpoint(model), model.getModel());
      List<float[]> vectors = embedder.embed(texts);
      List<Double> likeness = new ArrayList<>();
      for (float[] other : vectors.subList(1, vectors.size())) {
        likeness.add(Embedder.cosine(vectors.getFirst(), other));
      }
      Spend used = used(1, embedder.tokens(), 0, model.getPrice());
      metrics.used(SIMILARITY, used);
      return new Embedded(likeness, used);
    } catch (PortException | UnreachableException e) {
      failed(SIMILARITY, e);
      return new Embedded(List.of(), Spend.NOTHING);
    }
  }

  private @Nullable Judgement judged(Pair pair, ShadowModel model) {
    try {
      return Judgement.ask(
          pair, JudgePrompt.CURRENT, new HttpJudge(endpoint(model), model.getModel()));
    } catch (PortException | UnreachableException e) {
      failed(JUDGE, e);
      return null;
    }
  }

  private JsonEndpoint endpoint(ShadowModel model) throws UnreachableException {
    return new JsonEndpoint(model.getUrl(), token(model), patience);
  }

  private void failed(String kind, Exception e) {
    metrics.reviewFailed(kind);
    restsUntil.put(kind, System.nanoTime() + REST_NANOS);
    LOG.atWarn()
        .addKeyValue("event", "review.failed")
        .addKeyValue("kind", kind)
        .addKeyValue("cause", e.getMessage())
        .log("pairs continue without it for half a minute");
  }

  private static Spend used(long calls, long prompt, long completion, @Nullable ShadowPrice price) {
    if (price == null) {
      return new Spend(calls, prompt, completion, 0, calls);
    }
    double cost = (prompt * price.getPrompt() + completion * price.getCompletion()) / MILLION;
    return new Spend(calls, prompt, completion, cost, 0);
  }

  private @Nullable String token(ShadowModel model) throws UnreachableException {
    return switch (credentials.read(model.getCredential(), null)) {
      case Authorization.Bearer(String token) -> token;
      case Authorization.Unavailable(String reason) ->
          throw new UnreachableException("credential: " + reason);
      case Authorization.OfClient _, Authorization.OwnHeader _ -> null;
    };
  }
}
