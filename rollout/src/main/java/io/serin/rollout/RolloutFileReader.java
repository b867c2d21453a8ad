package io.serin.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import io.serin.rollout.value.Pin;
import io.serin.rollout.value.Quantities;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Reads and checks rollout files, the one place that decides whether a file is valid: what passes,
 * every router can serve. An error names line, field, value and rule. Pure; thread-safe.
 */
public final class RolloutFileReader {
  private RolloutFileReader() {}

  /**
   * Reads a file.
   *
   * @throws RolloutFileException at the first thing that is wrong
   */
  public static RolloutFile read(String yaml) throws RolloutFileException {
    YamlFields file = YamlFields.read(yaml);
    file.only(
        "rollout",
        "unit",
        "pin",
        "variants",
        "shadow",
        "stages",
        "guards",
        "alpha",
        "power",
        "deadlines",
        "lease",
        "strategy",
        "split",
        "primary",
        "mde",
        "level",
        "missingData",
        "servers",
        "notify");
    Strategy strategy =
        file.value("strategy", Strategy.CANARY, (field, text) -> Strategy.parse(text));
    String rollout = file.required("rollout");
    List<String> unit = file.has("unit") ? file.texts("unit") : RolloutFile.DEFAULT_UNIT;
    Pin pin = file.value("pin", Pin.UNIT, (field, text) -> Pin.parse(text));
    List<Variant> variants = variants(file);
    Shadow shadow =
        ShadowReader.read(
            file,
            variants.stream().map(Variant::name).collect(Collectors.toCollection(TreeSet::new)));
    boolean pairs = shadow == null || shadow.controlReplay() > 0;
    List<Stage> stages =
        StagesReader.stages(file, strategy, variants.subList(1, variants.size()), pairs);
    AbPlan ab = StagesReader.abPlan(file, strategy);
    List<Guard> guards = guards(file);
    double alpha = file.value("alpha", RolloutFile.DEFAULT_ALPHA, Quantities::ratio);
    double power = file.value("power", RolloutFile.DEFAULT_POWER, Quantities::ratio);
    Deadlines deadlines = deadlines(file);
    Duration lease = file.value("lease", RolloutFile.DEFAULT_LEASE, Quantities::duration);
    MissingData missingData = missingData(file);
    Servers servers = file.value("servers", Servers.SHARED, Servers::parse);
    List<Webhook> notify = webhooks(file);
    return file.check(
        () ->
            new RolloutFile(
                rollout,
                unit,
                pin,
                variants,
                shadow,
                stages,
                guards,
                alpha,
                power,
                deadlines,
                lease,
                strategy,
                ab,
                missingData,
                servers,
                notify));
  }

  private static List<Variant> variants(YamlFields file) throws RolloutFileException {
    YamlFields named = file.mapping("variants");
    if (named == null) {
      throw file.fault("variants", "is missing: name control and a candidate");
    }
    if (!named.has(Variant.CONTROL)) {
      throw file.fault("variants", "is " + named.names() + ": one must be named control");
    }
    List<Variant> variants = new ArrayList<>();
    for (String name : named.names()) {
      YamlFields fields = named.mapping(name);
      if (fields == null) {
        throw named.fault(name, "must be a mapping of fields");
      }
      fields.only(
          "url",
          "model",
          "credential",
          "headers",
          "extraBody",
          "moreUrls",
          "healthPath",
          "maxConcurrency",
          "cacheKey",
          "streamUsage",
          "paths",
          "credentialHeader");
      String url = fields.required("url");
      String model = fields.text("model");
      String credential = fields.text("credential");
      Map<String, String> headers = fields.textMap("headers");
      JsonNode extra = fields.json("extraBody");
      if (extra != null && !extra.isObject()) {
        throw fields.fault("extraBody", "must be a mapping: it is merged into the request's body");
      }
      String extraBody = extra == null ? null : extra.toString();
      BodyFields.check(fields, "extraBody", extra);
      boolean cacheKey = fields.flag("cacheKey");
      boolean streamUsage = !fields.has("streamUsage") || fields.flag("streamUsage");
      String credentialHeader = fields.text("credentialHeader");
      List<String> paths = fields.texts("paths");
      List<String> moreUrls = fields.texts("moreUrls");
      String healthPath = fields.text("healthPath");
      int concurrency = fields.whole("maxConcurrency", 0);
      Variant variant =
          fields.check(
              () ->
                  new Variant(
                      name,
                      url,
                      model,
                      new Variant.Access(credential, credentialHeader, paths),
                      headers,
                      new Variant.Body(extraBody, cacheKey, streamUsage),
                      new Variant.Servers(moreUrls, healthPath, concurrency)));
      if (variant.control()) {
        variants.addFirst(variant);
      } else {
        variants.add(variant);
      }
    }
    if (variants.size() < 2) {
      throw file.fault("variants", "is " + named.names() + ": a candidate is missing");
    }
    return variants;
  }

  private static List<Guard> guards(YamlFields file) throws RolloutFileException {
    if (!file.has("guards")) {
      return Guard.DEFAULTS;
    }
    List<Guard> guards = new ArrayList<>();
    for (YamlFields fields : file.mappings("guards")) {
      fields.only("metric", "worseBy", "differentBy", "atLeast", "then", "notWorse");
      String name = fields.required("metric");
      Metric metric = fields.check(() -> Metric.parse(name));
      boolean twoSided = fields.has("differentBy");
      if (twoSided && fields.has("worseBy")) {
        throw fields.fault("differentBy", "stands beside worseBy: give one of them");
      }
      boolean rate = metric.kind() == Metric.Kind.RATE;
      String margin = twoSided ? "differentBy" : "worseBy";
      double worseBy = fields.value(margin, 0.0, rate ? Quantities::points : Quantities::ratio);
      double atLeast = fields.value("atLeast", 0.0, Quantities::points);
      Double notWorse = fields.optional("notWorse", rate ? Quantities::points : Quantities::ratio);
      String then = fields.required("then");
      guards.add(
          fields.check(
              () -> new Guard(metric, worseBy, twoSided, atLeast, Then.parse(then), notWorse)));
    }
    return guards;
  }

  private static Deadlines deadlines(YamlFields file) throws RolloutFileException {
    YamlFields fields = file.mapping("deadlines");
    if (fields == null) {
      return Deadlines.DEFAULT;
    }
    fields.only("connect", "firstByte", "idle", "total");
    Deadlines defaults = Deadlines.DEFAULT;
    Duration connect = fields.value("connect", defaults.connect(), Quantities::duration);
    Duration firstByte = fields.value("firstByte", defaults.firstByte(), Quantities::duration);
    Duration idle = fields.value("idle", defaults.idle(), Quantities::duration);
    Duration total = fields.value("total", defaults.total(), Quantities::duration);
    return fields.check(() -> new Deadlines(connect, firstByte, idle, total));
  }

  private static List<Webhook> webhooks(YamlFields file) throws RolloutFileException {
    List<Webhook> webhooks = new ArrayList<>();
    for (YamlFields fields : file.mappings("notify")) {
      fields.only("webhook", "events", "secret");
      String url = fields.required("webhook");
      Set<String> events =
          fields.has("events")
              ? new TreeSet<>(fields.textOrTexts("events"))
              : Webhook.DEFAULT_EVENTS;
      Set<String> kinds = events.equals(Set.of("all")) ? Webhook.KINDS : events;
      String secret = fields.text("secret");
      webhooks.add(fields.check(() -> new Webhook(url, kinds, secret)));
    }
    return webhooks;
  }

  private static MissingData missingData(YamlFields file) throws RolloutFileException {
    YamlFields fields = file.mapping("missingData");
    if (fields == null) {
      return MissingData.DEFAULT;
    }
    fields.only("after", "then");
    Duration after = fields.value("after", MissingData.DEFAULT.after(), Quantities::duration);
    MissingData.Then then =
        fields.value("then", MissingData.DEFAULT.then(), MissingData.Then::parse);
    return fields.check(() -> new MissingData(after, then));
  }
}
