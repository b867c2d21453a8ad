package io.serin.analytics.gates;

import io.serin.rollout.Guard;
import io.serin.rollout.plan.Forecast;
import io.serin.schemas.Decision;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The full promotion gate: every guard with {@code notWorse} shows it, and no guard has anything to
 * say.
 */
record PromotionGate() implements StageGate {
  @Override
  public Progress progress(StageContext in, String candidate) {
    List<NotWorse> parts = in.evidence().of(candidate);
    if (parts.isEmpty()) {
      return Progress.waits(
          "no guard with notWorse shows that " + candidate + " may be promoted: a person decides");
    }
    for (Guard guard : in.file().guards()) {
      Decision decision =
          in.decisions().getOrDefault(guard.metric().text() + "/" + candidate, Decision.CONTINUE);
      // What control never produced cannot be compared: told in every verdict, no obstacle.
      if (decision != Decision.CONTINUE && decision != Decision.NOT_APPLICABLE) {
        return Progress.waits(
            guard.metric().text()
                + " of "
                + candidate
                + " says "
                + decision
                + ": a person decides");
      }
    }
    double share = in.share(candidate);
    double power = in.file().power();
    Map<String, Double> evidence = new TreeMap<>();
    List<String> missing = new ArrayList<>();
    double more = 0;
    double least = Double.POSITIVE_INFINITY;
    for (NotWorse part : parts) {
      double logE = part.logE();
      evidence.put("gate." + part.metric(), logE);
      least = Math.min(least, logE);
      if (!part.shown()) {
        more = Math.max(more, part.more(share, power));
        missing.add(
            String.format(
                Locale.ROOT, "%s (ln E %.2f of %.2f)", part.metric(), logE, Forecast.PASS));
      }
    }
    String text =
        missing.isEmpty()
            ? "every guard shows that " + candidate + " is not worse"
            : "not yet shown not worse: " + String.join(", ", missing);
    return new Progress(missing.isEmpty(), least, Forecast.PASS, more, evidence, text);
  }
}
