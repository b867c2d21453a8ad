package io.serin.benchmarks;

import io.serin.schemas.EventId;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.Slice;
import io.serin.schemas.Why;
import io.serin.schemas.serdes.AvroDeserializer;
import io.serin.schemas.serdes.AvroSerializer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What writing and reading one event costs, in Confluent's wire format. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@org.openjdk.jmh.annotations.Measurement(iterations = 5, time = 1)
@Fork(1)
public class SerdeBenchmark {

  private static final String TOPIC = "serin.requests";

  private final AvroSerializer<RequestEvent> serializer = new AvroSerializer<>();
  private final AvroDeserializer<RequestEvent> deserializer = new AvroDeserializer<>();
  private final RequestEvent event = event();
  private final byte @Nullable [] bytes;

  public SerdeBenchmark() {
    Map<String, String> config = Map.of("schema.registry.url", "mock://benchmark");
    serializer.configure(config, false);
    deserializer.configure(config, false);
    bytes = serializer.serialize(TOPIC, event);
  }

  @Benchmark
  public byte @Nullable [] write() {
    return serializer.serialize(TOPIC, event);
  }

  @Benchmark
  public @Nullable RequestEvent read() {
    return deserializer.deserialize(TOPIC, bytes);
  }

  private static RequestEvent event() {
    Instant now = Instant.ofEpochMilli(1_795_000_000_000L);
    return RequestEvent.newBuilder()
        .setId(new EventId("k3JdP0aWQ2uHf6sX", 3, 1_234_567L))
        .setRequestId("req_AZ5KsG_PeoOWAAlhc3Npc3RhbnQAFjdGbUhvWkRzOWRjOVVHcjN3RVZUOEEAAAAA")
        .setAttempt(1)
        .setLast(true)
        .setStartedAt(now)
        .setEndedAt(now.plusMillis(900))
        .setRouter("router")
        .setRollout("assistant")
        .setRun("7FmHoZDs9dc9UGr3wEVT8A")
        .setRevision(12)
        .setStage(2)
        .setStageName("25%")
        .setSplit(List.of(new Slice("control", 0, 7_500), new Slice("candidate", 7_500, 10_000)))
        .setUnit("bImyQxgJkdZzQn1zYiwdxDg")
        .setAssignedVariant("candidate")
        .setServedVariant("candidate")
        .setWhy(Why.ASSIGNED)
        .setEndpoint("chat.completions")
        .setStreamed(true)
        .setMeasurement(
            Measurement.newBuilder()
                .setOutcome(Outcome.OK)
                .setStatus(200)
                .setTtftMicros(310_000L)
                .setDurationMicros(900_000L)
                .setPromptTokens(374L)
                .setCompletionTokens(144L)
                .setCachedTokens(0L)
                .setFinishReason("stop")
                .setRefusal(false)
                .setResponseBytes(9_120L)
                .build())
        .setClientOutcome(Outcome.OK)
        .setClientStatus(200)
        .setClientTtftMicros(310_500L)
        .setClientDurationMicros(900_400L)
        .build();
  }
}
