package io.serin.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import io.serin.rollout.assignment.Split;
import io.serin.rollout.value.InvalidField;
import io.serin.rollout.value.Quantities;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the {@code shadow:} section of a rollout file. Pure. */
final class ShadowReader {
  /** Share of pairs that a judge looks at where the file says nothing: two calls each. */
  private static final int JUDGED = 1_000;

  private ShadowReader() {}

  /**
   * The section; null where the file has none.
   *
   * @param variants their names, which prices are given for
   */
  static @Nullable Shadow read(YamlFields file, Set<String> variants) throws RolloutFileException {
    YamlFields fields = file.mapping("shadow");
    if (fields == null) {
      return null;
    }
    fields.only(
        "sample",
        "maxConcurrency",
        "budget",
        "controlReplay",
        "noiseShare",
        "answers",
        "force",
        "capture",
        "maxBytes",
        "redact",
        "encrypt",
        "examples",
        "similarity",
        "judge");
    Shadow defaults = Shadow.DEFAULT;
    int sample = fields.value("sample", defaults.sample(), Quantities::basisPoints);
    int concurrency = fields.whole("maxConcurrency", defaults.maxConcurrency());
    int noise = fields.value("noiseShare", 0, Quantities::basisPoints);
    int answers = fields.whole("answers", 1);
    String force = force(fields);
    ShadowCapture capture = capture(fields);
    // From hashes nothing can be replayed.
    int absent = capture.mode() == ShadowCapture.Mode.HASHES ? 0 : defaults.controlReplay();
    int replay = fields.value("controlReplay", absent, Quantities::basisPoints);
    YamlFields budget = fields.mapping("budget");
    double rate =
        budget == null
            ? defaults.requestsPerSecond()
            : budget.value("requestsPerSecond", defaults.requestsPerSecond(), Quantities::number);
    ShadowBudget bounds = budget == null ? ShadowBudget.NONE : budget(budget, variants);
    boolean spends = bounds.spend() > 0 || bounds.spendPerHour() > 0;
    ShadowReviewer.Similarity similarity = similarity(fields.mapping("similarity"), spends);
    ShadowReviewer judge = judge(fields.mapping("judge"), spends);
    boolean examples = !fields.has("examples") || fields.flag("examples");
    return fields.check(
        () ->
            new Shadow(
                sample,
                concurrency,
                rate,
                replay,
                noise,
                answers,
                force,
                capture,
                bounds,
                examples,
                similarity,
                judge));
  }

  private static ShadowReviewer.@Nullable Similarity similarity(
      @Nullable YamlFields fields, boolean spends) throws RolloutFileException {
    if (fields == null) {
      return null;
    }
    fields.only("url", "model", "credential", "share", "price", "atLeast");
    ShadowReviewer model = reviewer(fields, Split.SLOTS, spends, false);
    double atLeast =
        fields.value("atLeast", ShadowReviewer.Similarity.DEFAULT_AT_LEAST, Quantities::number);
    return fields.check(() -> new ShadowReviewer.Similarity(model, atLeast));
  }

  private static @Nullable ShadowReviewer judge(@Nullable YamlFields fields, boolean spends)
      throws RolloutFileException {
    if (fields == null) {
      return null;
    }
    fields.only("url", "model", "credential", "share", "price");
    return reviewer(fields, JUDGED, spends, true);
  }

  /**
   * @param writes whether it writes tokens that have a price of their own
   */
  private static ShadowReviewer reviewer(
      YamlFields fields, int absentShare, boolean spends, boolean writes)
      throws RolloutFileException {
    String url = fields.required("url");
    String model = fields.required("model");
    String credential = fields.text("credential");
    int share = fields.value("share", absentShare, Quantities::basisPoints);
    YamlFields named = fields.mapping("price");
    if (named == null && spends) {
      throw fields.fault(
          "price", "is missing: with a limit of spending everything asked needs one");
    }
    ShadowBudget.Price price = null;
    if (named != null) {
      if (writes) {
        named.only("prompt", "completion");
        named.required("completion");
      } else {
        named.only("prompt");
      }
      named.required("prompt");
      double prompt = named.value("prompt", 0.0, Quantities::number);
      double completion = named.value("completion", 0.0, Quantities::number);
      price = named.check(() -> new ShadowBudget.Price(prompt, completion, prompt));
    }
    ShadowBudget.Price known = price;
    return fields.check(() -> new ShadowReviewer(url, model, credential, share, known));
  }

  private static @Nullable String force(YamlFields fields) throws RolloutFileException {
    JsonNode forced = fields.json("force");
    if (forced != null && !forced.isObject()) {
      throw fields.fault("force", "must be a mapping: it is merged into the request's body");
    }
    BodyFields.check(fields, "force", forced);
    return forced == null ? null : forced.toString();
  }

  private static ShadowCapture capture(YamlFields fields) throws RolloutFileException {
    ShadowCapture.Mode mode =
        fields.value(
            "capture",
            ShadowCapture.Mode.PAYLOADS,
            (field, text) ->
                switch (text) {
                  case "payloads" -> ShadowCapture.Mode.PAYLOADS;
                  case "hashes" -> ShadowCapture.Mode.HASHES;
                  default -> throw new InvalidField(field, text, "must be payloads or hashes");
                });
    int maxBytes = fields.whole("maxBytes", 0);
    List<String> builtIn = ShadowCapture.BUILT_IN;
    List<ShadowCapture.NamedPattern> patterns = new ArrayList<>();
    List<String> paths = List.of();
    YamlFields redact = fields.mapping("redact");
    if (redact != null) {
      redact.only("builtIn", "patterns", "paths");
      builtIn = redact.has("builtIn") ? redact.texts("builtIn") : builtIn;
      paths = redact.texts("paths");
      for (YamlFields pattern : redact.mappings("patterns")) {
        pattern.only("name", "regex");
        String name = pattern.required("name");
        String regex = pattern.required("regex");
        patterns.add(pattern.check(() -> new ShadowCapture.NamedPattern(name, regex)));
      }
    }
    String key = null;
    Map<String, String> keys = Map.of();
    YamlFields encrypt = fields.mapping("encrypt");
    if (encrypt != null) {
      encrypt.only("key", "keys");
      key = encrypt.required("key");
      keys = encrypt.textMap("keys");
    }
    String sealKey = key;
    Map<String, String> sealKeys = keys;
    List<String> rules = builtIn;
    List<String> redacted = paths;
    YamlFields at = encrypt != null ? encrypt : redact != null ? redact : fields;
    fields.check(
        () -> new ShadowCapture(mode, maxBytes, List.of(), List.of(), List.of(), null, Map.of()));
    if (redact != null) {
      redact.check(
          () -> new ShadowCapture(mode, maxBytes, rules, patterns, redacted, null, Map.of()));
    }
    return at.check(
        () -> new ShadowCapture(mode, maxBytes, rules, patterns, redacted, sealKey, sealKeys));
  }

  private static ShadowBudget budget(YamlFields budget, Set<String> variants)
      throws RolloutFileException {
    budget.only(
        "requestsPerSecond",
        "requests",
        "requestsPerHour",
        "tokens",
        "tokensPerHour",
        "spend",
        "spendPerHour",
        "prices");
    Map<String, ShadowBudget.Price> prices = new LinkedHashMap<>();
    YamlFields named = budget.mapping("prices");
    if (named != null) {
      for (String variant : named.names()) {
        if (!variants.contains(variant)) {
          throw named.fault(variant, "names no variant; there are " + variants);
        }
        YamlFields price = named.mapping(variant);
        if (price == null) {
          throw named.fault(variant, "must be a mapping of fields");
        }
        price.only("prompt", "completion", "cached");
        double prompt = price.value("prompt", 0.0, Quantities::number);
        double completion = price.value("completion", 0.0, Quantities::number);
        double cached = price.value("cached", prompt, Quantities::number);
        prices.put(variant, price.check(() -> new ShadowBudget.Price(prompt, completion, cached)));
      }
    }
    long requests = budget.count("requests");
    long requestsPerHour = budget.count("requestsPerHour");
    long tokens = budget.count("tokens");
    long tokensPerHour = budget.count("tokensPerHour");
    double spend = budget.value("spend", 0.0, Quantities::number);
    double spendPerHour = budget.value("spendPerHour", 0.0, Quantities::number);
    ShadowBudget read =
        budget.check(
            () ->
                new ShadowBudget(
                    requests, requestsPerHour, tokens, tokensPerHour, spend, spendPerHour, prices));
    if ((spend > 0 || spendPerHour > 0) && !prices.keySet().containsAll(variants)) {
      throw budget.fault(
          "prices",
          "is for "
              + prices.keySet()
              + ": with a limit of spending every variant needs one, "
              + variants);
    }
    return read;
  }
}
