package io.serin.analytics.decide;

import io.serin.rollout.RolloutFile;
import io.serin.rollout.Shadow;
import io.serin.rollout.ShadowBudget;
import io.serin.rollout.ShadowCapture;
import io.serin.rollout.ShadowReviewer;
import io.serin.rollout.Variant;
import io.serin.schemas.CaptureMode;
import io.serin.schemas.RedactionPattern;
import io.serin.schemas.ShadowModel;
import io.serin.schemas.ShadowPlan;
import io.serin.schemas.ShadowPrice;
import java.util.HashMap;
import java.util.Map;

/** Pure: the file's {@code shadow:} section as routers and workers read it. */
final class ShadowPlans {
  private ShadowPlans() {}

  static ShadowPlan of(Shadow shadow, RolloutFile file) {
    ShadowCapture capture = shadow.capture();
    ShadowReviewer.Similarity similarity = shadow.similarity();
    ShadowReviewer judge = shadow.judge();
    return ShadowPlan.newBuilder()
        .setSampleBasisPoints(shadow.sample())
        .setMaxConcurrency(shadow.maxConcurrency())
        .setRequestsPerSecond(shadow.requestsPerSecond())
        .setControlReplayBasisPoints(shadow.controlReplay())
        .setCandidates(file.candidates().stream().map(Variant::name).toList())
        .setCapture(
            switch (capture.mode()) {
              case PAYLOADS -> CaptureMode.PAYLOADS;
              case HASHES -> CaptureMode.HASHES;
            })
        .setMaxCapturedBytes(capture.maxBytes())
        .setRedactBuiltIn(capture.builtIn())
        .setRedactPatterns(
            capture.patterns().stream()
                .map(pattern -> new RedactionPattern(pattern.name(), pattern.regex()))
                .toList())
        .setRedactPaths(capture.paths())
        .setSealKey(capture.sealKey())
        .setSealKeys(capture.sealKeys())
        .setBudget(budget(shadow.budget()))
        .setAnswers(shadow.answers())
        .setNoiseBasisPoints(shadow.noiseShare())
        .setForce(shadow.force())
        .setExamples(shadow.examples())
        .setSimilarity(similarity == null ? null : model(similarity.model()))
        .setSimilarityAtLeast(
            similarity == null ? ShadowReviewer.Similarity.DEFAULT_AT_LEAST : similarity.atLeast())
        .setJudge(judge == null ? null : model(judge))
        .build();
  }

  private static ShadowModel model(ShadowReviewer reviewer) {
    ShadowBudget.Price price = reviewer.price();
    return ShadowModel.newBuilder()
        .setUrl(reviewer.url())
        .setModel(reviewer.model())
        .setCredential(reviewer.credential())
        .setShareBasisPoints(reviewer.share())
        .setPrice(
            price == null
                ? null
                : new ShadowPrice(price.prompt(), price.completion(), price.cached()))
        .build();
  }

  private static io.serin.schemas.ShadowBudget budget(ShadowBudget budget) {
    Map<String, ShadowPrice> prices = new HashMap<>();
    budget
        .prices()
        .forEach(
            (variant, price) ->
                prices.put(
                    variant, new ShadowPrice(price.prompt(), price.completion(), price.cached())));
    return io.serin.schemas.ShadowBudget.newBuilder()
        .setRequests(budget.requests())
        .setRequestsPerHour(budget.requestsPerHour())
        .setTokens(budget.tokens())
        .setTokensPerHour(budget.tokensPerHour())
        .setSpend(budget.spend())
        .setSpendPerHour(budget.spendPerHour())
        .setPrices(prices)
        .build();
  }
}
