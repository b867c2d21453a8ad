package io.serin.rails;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.rollout.RolloutFile;
import io.serin.rollout.RolloutFileException;
import io.serin.rollout.RolloutFileReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Rollout files at random, out of everything that the grammar knows: URLs with queries, ports,
 * underscores and IPv6, models named as hubs name them, headers, bodies, many variants, stages,
 * guards, shadow settings. Some are not valid; {@link #accepted} draws until one is. The same seed
 * gives the same file.
 */
final class RandomFiles {

  /** Environment variables that a router must have to serve every file. */
  static final List<String> CREDENTIALS = List.of("KEY_A", "KEY_B", "_key9");

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> HOSTS =
      List.of(
          "localhost",
          "127.0.0.1",
          "[::1]",
          "[2001:db8::7]",
          "my_model_1",
          "api.openai.com",
          "x-resource.openai.azure.com",
          "llama-cpp_server.internal.",
          "EXAMPLE.com");
  private static final List<String> PATHS =
      List.of(
          "/v1",
          "/v1/",
          "/openai/deployments/gpt-4o",
          "/api/v3",
          "/a%20b/v1",
          "/~user/(x)/v1",
          "/v1beta/openai",
          "/v1//");
  private static final List<String> QUERIES =
      List.of(
          "",
          "",
          "?api-version=2024-02-01",
          "?a=1&b=%2F&c",
          "?x=y?z",
          "?",
          "?api-version=2024-10-21&tag=a/b:c");
  private static final List<String> MODELS =
      List.of(
          "gpt-4o-mini",
          "meta-llama/Llama-3.1-8B",
          "hf.co/bartowski/Qwen2.5:Q4_K_M",
          "model with blanks",
          "模型",
          "a\"b\\c",
          "😀");
  private static final List<String> HEADERS =
      List.of("api-key", "X-Team", "openai-organization", "helicone-auth", "x!#$%&'*+.^_`|~");
  private static final List<String> VALUES =
      List.of("", "a", "Bearer x", "{\"a\": \"b, c\"}", "  spaced  ", "a\tb", "~!@#$%^&*()_+");
  private static final List<String> METRICS =
      List.of(
          "latency.p50",
          "latency.p95",
          "latency.p99",
          "ttft.p50",
          "ttft.p95",
          "duration.p90",
          "tpot.p50",
          "error.rate",
          "feedback",
          "cache.hit",
          "refusal.rate",
          "tokens");
  private static final List<String> UNITS =
      List.of(
          "header:x-user-id",
          "header:X-Tenant",
          "body:user",
          "body:metadata.user_id",
          "body:safety_identifier",
          "body:a-b.c_d");

  private final SplittableRandom random;

  RandomFiles(SplittableRandom random) {
    this.random = random;
  }

  /** A file that the validator accepts, as text and as read. */
  record Accepted(String text, RolloutFile file) {}

  /** Draws until a file is valid. */
  Accepted accepted(String rollout) {
    for (int i = 0; i < 1_000; i++) {
      String text = file(rollout);
      try {
        return new Accepted(text, RolloutFileReader.read(text));
      } catch (RolloutFileException e) {
        // Not valid: it can do no harm.
      }
    }
    throw new AssertionError("of a thousand files none is valid");
  }

  /** A file, valid or not. JSON is YAML. */
  String file(String rollout) {
    ObjectNode file = JSON.createObjectNode();
    file.put("rollout", rollout);
    List<String> candidates = new ArrayList<>();
    int count = chance(0.6) ? 1 : chance(0.9) ? random.nextInt(2, 5) : random.nextInt(5, 19);
    for (int i = 0; i < count; i++) {
      candidates.add(count == 1 && chance(0.7) ? "candidate" : "v" + i + pick(".", "-", "_") + "x");
    }
    if (chance(0.4)) {
      Set<String> units = new HashSet<>();
      for (int i = random.nextInt(1, 4); i > 0; i--) {
        units.add(pick(UNITS));
      }
      ArrayNode unit = file.putArray("unit");
      units.stream().sorted().forEach(unit::add);
    }
    ObjectNode variants = file.putObject("variants");
    variant(variants.putObject("control"));
    candidates.forEach(name -> variant(variants.putObject(name)));
    String strategy = strategy(file, candidates);
    if (chance(0.3)) {
      shadow(file, candidates);
    }
    if (chance(0.7)) {
      guards(file.putArray("guards"));
    }
    rest(file, strategy);
    return file.toString();
  }

  private void variant(ObjectNode variant) {
    variant.put("url", url());
    if (chance(0.6)) {
      variant.put("model", pick(MODELS));
    }
    if (chance(0.3)) {
      variant.put("credential", "env:" + pick(CREDENTIALS));
      if (chance(0.4)) {
        variant.put("credentialHeader", pick("api-key", "X-Goog-Api-Key", "authorization"));
      }
    }
    if (chance(0.3)) {
      ObjectNode headers = variant.putObject("headers");
      for (int i = random.nextInt(1, 4); i > 0; i--) {
        headers.put(pick(HEADERS), pick(VALUES));
      }
    }
    if (chance(0.3)) {
      ObjectNode extra = variant.putObject("extraBody");
      extra.put("temperature", random.nextDouble());
      extra.putObject("chat_template_kwargs").put("enable_thinking", chance(0.5)).putNull("x");
      if (chance(0.5)) {
        extra.putArray("stop").add("\n").add("😀\u0001");
      }
    }
    if (chance(0.2)) {
      ArrayNode more = variant.putArray("moreUrls");
      for (int i = random.nextInt(1, 4); i > 0; i--) {
        more.add(url());
      }
    }
    if (chance(0.2)) {
      variant.put("healthPath", pick("/health", "/v1/models?x=1", "/"));
    }
    if (chance(0.2)) {
      variant.put("maxConcurrency", random.nextInt(0, 1_000_000));
    }
    if (chance(0.1)) {
      variant.put("cacheKey", true);
    }
    if (chance(0.1)) {
      variant.put("streamUsage", chance(0.5));
    }
    if (chance(0.1)) {
      variant.putArray("paths").add(pick("/files", "/files/*", "/*", "/audio/speech"));
    }
  }

  private String url() {
    String port = chance(0.5) ? ":" + random.nextInt(1, 65_536) : "";
    return pick("http", "https", "HTTP", "Https")
        + "://"
        + pick(HOSTS)
        + port
        + pick(PATHS)
        + pick(QUERIES);
  }

  private String strategy(ObjectNode file, List<String> candidates) {
    String strategy = pick("canary", "canary", "canary", "ab", "shadow", "blue-green");
    switch (strategy) {
      case "ab" -> {
        file.put("strategy", "ab");
        String primary = pick("error.rate", "refusal.rate", "latency", "tokens");
        file.put("primary", primary);
        file.put(
            "mde",
            primary.endsWith("rate")
                ? pick("0.5pp", "2pp", "30pp", "99pp")
                : pick("1%", "10%", "900%", "0.5"));
        if (chance(0.4)) {
          file.put("level", pick("5%", "0.01", "20%", "50%"));
        }
        if (chance(0.6)) {
          ObjectNode split = file.putObject("split");
          int left = 9_999;
          for (String name : candidates) {
            int slots = Math.max(1, random.nextInt(1, Math.max(2, left / candidates.size())));
            left -= slots;
            split.put(name, slots / 100.0 + "%");
          }
        }
      }
      case "shadow" -> {
        file.put("strategy", "shadow");
        if (chance(0.5)) {
          stage(file.putArray("stages").addObject(), candidates, 0, 0);
        }
      }
      case "blue-green" -> {
        file.put("strategy", "blue-green");
        if (candidates.size() > 1 || chance(0.5)) {
          ArrayNode stages = file.putArray("stages");
          stage(stages.addObject(), candidates, 0, 0);
          stage(stages.addObject(), candidates, 10_000, 1);
        }
      }
      default -> {
        if (candidates.size() > 1 || chance(0.7)) {
          ArrayNode stages = file.putArray("stages");
          int count = chance(0.95) ? random.nextInt(1, 6) : random.nextInt(6, 60);
          for (int i = 0; i < count; i++) {
            boolean last = i == count - 1;
            int total = last && chance(0.4) ? 10_000 : chance(0.15) ? 0 : random.nextInt(1, 9_500);
            stage(stages.addObject(), candidates, total, i);
          }
        }
      }
    }
    return strategy;
  }

  /**
   * @param total slots of all candidates together; 0 for a shadow stage
   */
  private void stage(ObjectNode stage, List<String> candidates, int total, int number) {
    if (chance(0.5)) {
      stage.put("name", pick("s", "Stufe ", "a/b ", "…") + number);
    }
    if (total == 0) {
      stage.put("shadow", true);
    } else if (total == 10_000) {
      stage.putObject("weight").put(pick(candidates), "100%");
      if (chance(0.6)) {
        stage.put("bake", time());
      }
      return;
    } else if (candidates.size() == 1 && chance(0.6)) {
      stage.put("weight", total / 100.0 + "%");
    } else {
      ObjectNode weight = stage.putObject("weight");
      for (String name : candidates) {
        int slots = total / candidates.size();
        if (slots > 0 && chance(0.85)) {
          weight.put(name, slots / 100.0 + "%");
        }
      }
    }
    if (chance(0.8)) {
      stage.put("for", time());
    }
    if (chance(0.5)) {
      stage.put("until", total == 0 ? pick("time", "pairs") : pick("time", "detection", "gate"));
    }
    if (chance(0.3)) {
      stage.put("deadline", pick("1h", "2d", "60d", "400d"));
    }
  }

  private void guards(ArrayNode guards) {
    Set<String> metrics = new HashSet<>();
    for (int i = random.nextInt(0, 9); i > 0; i--) {
      metrics.add(pick(METRICS));
    }
    for (String metric : metrics.stream().sorted().toList()) {
      ObjectNode guard = guards.addObject().put("metric", metric);
      boolean rate = metric.endsWith("rate");
      boolean conditional = metric.equals("feedback") || metric.equals("cache.hit");
      if (conditional) {
        guard.put("worseBy", 0).put("atLeast", pick("0pp", "2pp", "5pp", "99pp"));
      } else if (metric.equals("refusal.rate") && chance(0.5)) {
        guard.put("differentBy", 0).put("then", pick("flag", "investigate"));
        continue;
      } else if (rate) {
        guard.put("worseBy", pick("0pp", "1pp", "50pp")).put("atLeast", pick("0pp", "0.5pp"));
      } else {
        guard.put("worseBy", pick("0%", "20%", "1000%", "0.001"));
      }
      if (!conditional && chance(0.5)) {
        guard.put("notWorse", rate ? pick("0.01pp", "1pp", "50pp") : pick("0.1%", "20%", "1000%"));
      }
      guard.put("then", pick("rollback", "rollback", "flag", "investigate"));
    }
  }

  private void shadow(ObjectNode file, List<String> candidates) {
    ObjectNode shadow = file.putObject("shadow");
    shadow.put("sample", pick("100%", "1%", "0.01%", "0"));
    if (chance(0.5)) {
      shadow.put("maxConcurrency", random.nextInt(1, 1_001));
    }
    if (chance(0.4)) {
      ObjectNode budget = shadow.putObject("budget");
      budget.put("requestsPerSecond", random.nextInt(0, 1_000_000));
      if (chance(0.5)) {
        budget.put("spend", 12.5).put("tokens", "1.5M");
        ObjectNode prices = budget.putObject("prices");
        prices.putObject("control").put("prompt", 0.15).put("completion", 0.6);
        candidates.forEach(name -> prices.putObject(name).put("prompt", 0).put("completion", 0));
      }
    }
    if (chance(0.3)) {
      shadow.put("controlReplay", pick("0", "25%", "100%"));
    }
    if (chance(0.2)) {
      shadow.put("noiseShare", "10%").put("answers", random.nextInt(1, 11));
    }
    if (chance(0.2)) {
      shadow.put("capture", pick("payloads", "hashes"));
    }
    if (chance(0.2)) {
      shadow.putObject("force").put("temperature", 0).put("seed", Long.MAX_VALUE);
    }
    if (chance(0.2)) {
      ObjectNode redact = shadow.putObject("redact");
      redact.putArray("patterns").addObject().put("name", "ticket").put("regex", "T-[0-9]+");
      redact.putArray("paths").add("metadata.customer").add("messages.*.name");
    }
  }

  private void rest(ObjectNode file, String strategy) {
    if (chance(0.3)) {
      file.put("alpha", pick("0.0021", "1%", "0.05", "30%"));
    }
    if (chance(0.3)) {
      file.put("power", pick("50%", "0.8", "99.9%"));
    }
    if (chance(0.3)) {
      file.putObject("deadlines")
          .put("connect", "1ms")
          .put("firstByte", pick("1ms", "4s", "1d"))
          .put("idle", pick("1s", "1d"))
          .put("total", "1d");
    }
    if (chance(0.5)) {
      file.put("lease", pick("0", "10s", "5m", "4000d"));
    }
    if (chance(0.3)) {
      file.putObject("missingData")
          .put("after", pick("10s", "10m", "7d"))
          .put("then", pick("hold", "pause", "rollback"));
    }
    if (chance(0.2)) {
      file.putArray("notify")
          .addObject()
          .put("webhook", "https://hooks.example.com/services/T0/B0?x=" + strategy.length())
          .put("events", "all");
    }
  }

  private String time() {
    return pick("0s", "1ms", "90s", "5m", "1h", "7d", "52w");
  }

  private boolean chance(double of) {
    return random.nextDouble() < of;
  }

  private String pick(String... of) {
    return of[random.nextInt(of.length)];
  }

  private String pick(List<String> of) {
    return of.get(random.nextInt(of.size()));
  }
}
