package io.serin.router.metrics;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.serin.openai.Endpoint;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What attempts cost, in the metrics of OpenTelemetry's conventions for generative AI, with their
 * names, attributes and buckets as Prometheus spells them, and two labels of Serin's: rollout and
 * variant. Thread-safe.
 */
final class GenAiMeters {

  private static final double[] DURATIONS = {
    0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92
  };
  private static final double[] FIRST_TOKEN = {
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10
  };
  private static final double[] EACH_TOKEN = {
    0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5
  };
  private static final double[] TOKENS = {
    1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864
  };

  private record Key(
      String rollout,
      String variant,
      String endpoint,
      @Nullable String model,
      Outcome outcome,
      @Nullable Integer status) {}

  private record Meters(
      Timer duration,
      Timer firstToken,
      Timer eachToken,
      DistributionSummary input,
      DistributionSummary output) {}

  private final MeterRegistry registry;
  private final Map<Key, Meters> known = new ConcurrentHashMap<>();

  GenAiMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * One attempt.
   *
   * @param model the variant's model, where its command names one
   */
  void attempt(RequestEvent event, @Nullable String model) {
    Measurement cost = event.getMeasurement();
    Key key =
        new Key(
            event.getRollout(),
            event.getServedVariant(),
            event.getEndpoint(),
            model,
            cost.getOutcome(),
            cost.getOutcome() == Outcome.HTTP_ERROR ? cost.getStatus() : null);
    Meters meters = known.computeIfAbsent(key, this::register);
    meters.duration().record(cost.getDurationMicros(), TimeUnit.MICROSECONDS);
    if (cost.getPromptTokens() != null) {
      meters.input().record(cost.getPromptTokens());
    }
    Long completion = cost.getCompletionTokens();
    if (completion != null) {
      meters.output().record(completion);
    }
    Long ttft = cost.getTtftMicros();
    if (event.getStreamed() && ttft != null) {
      meters.firstToken().record(ttft, TimeUnit.MICROSECONDS);
      if (completion != null && completion > 1) {
        long rest = cost.getDurationMicros() - ttft;
        meters.eachToken().record(1000 * rest / (completion - 1), TimeUnit.NANOSECONDS);
      }
    }
  }

  private Meters register(Key key) {
    Tags tags =
        Tags.of(
            "gen_ai.operation.name",
            operation(key.endpoint()),
            "gen_ai.provider.name",
            key.endpoint().equals(Endpoint.MESSAGES.id()) ? "anthropic" : "openai",
            "gen_ai.request.model",
            key.rollout(),
            "gen_ai.response.model",
            key.model() == null ? "" : key.model(),
            "rollout",
            key.rollout(),
            "variant",
            key.variant());
    return new Meters(
        timer(
            "gen_ai.client.operation.duration", tags.and("error.type", errorType(key)), DURATIONS),
        timer("gen_ai.server.time_to_first_token", tags, FIRST_TOKEN),
        timer("gen_ai.server.time_per_output_token", tags, EACH_TOKEN),
        tokens(tags.and("gen_ai.token.type", "input")),
        tokens(tags.and("gen_ai.token.type", "output")));
  }

  private Timer timer(String name, Tags tags, double[] buckets) {
    return Timer.builder(name)
        .tags(tags)
        .serviceLevelObjectives(
            Arrays.stream(buckets)
                .mapToObj(seconds -> Duration.ofMillis(Math.round(seconds * 1000)))
                .toArray(Duration[]::new))
        .register(registry);
  }

  private DistributionSummary tokens(Tags tags) {
    return DistributionSummary.builder("gen_ai.client.token.usage")
        .tags(tags)
        .serviceLevelObjectives(TOKENS)
        .register(registry);
  }

  private static String operation(String endpoint) {
    Endpoint known = Endpoint.ofId(endpoint);
    if (known == null) {
      return endpoint;
    }
    return switch (known) {
      case CHAT_COMPLETIONS, RESPONSES, MESSAGES -> "chat";
      case COMPLETIONS -> "text_completion";
      case EMBEDDINGS -> "embeddings";
    };
  }

  /** Empty where nothing went wrong, the status where that was it, else the outcome's name. */
  private static String errorType(Key key) {
    if (key.outcome() == Outcome.OK) {
      return "";
    }
    return key.status() == null
        ? key.outcome().name().toLowerCase(Locale.ROOT)
        : key.status().toString();
  }
}
