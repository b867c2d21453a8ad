package io.serin.rehearsal.command;

import io.serin.rehearsal.fault.ScheduledFault;
import io.serin.rehearsal.model.CacheBehaviour;
import io.serin.rehearsal.model.Latency;
import io.serin.rehearsal.model.ModelSettings;
import io.serin.rehearsal.recorded.RecordedAnswers;
import io.serin.rollout.value.Quantities;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * How the model servers of a rehearsal behave; a picocli mixin. Its readers throw {@link
 * IllegalArgumentException} naming setting, value and rule.
 */
public final class ModelOptions {

  @Option(
      names = "--control",
      paramLabel = "FILE",
      description =
          "What control answers: JSON lines with prompt and output, gzipped or not (default: a"
              + " small set of Serin's own).")
  private @Nullable Path control;

  @Option(
      names = "--candidate",
      paramLabel = "FILE",
      description = "What the candidate answers; the same format.")
  private @Nullable Path candidate;

  @Option(
      names = "--fault",
      paramLabel = "SPEC",
      description =
          "What goes wrong and when: VARIANT:KIND[=VALUE]@WHEN[..END], such as"
              + " candidate:errors=30%%@20s (from the start of the traffic on) or"
              + " candidate:errors=30%%@stage:25%% (when the rollout enters that stage; +TIME for"
              + " later). Kinds: errors=SHARE, slow=FACTOR, tokens=FACTOR, refusals=SHARE,"
              + " empty[=SHARE], broken-json[=SHARE], cut-stream[=SHARE], hang[=SHARE],"
              + " feedback=SHARE. May be given several times; none for none.")
  private List<String> faults = new ArrayList<>();

  @Option(
      names = "--latency",
      paramLabel = "DIST",
      description =
          "Time to first byte of both models: " + Latency.GRAMMAR + " (default ${DEFAULT-VALUE}).")
  private String latency = "lognormal:120ms,0.4";

  @Option(
      names = "--candidate-latency",
      paramLabel = "DIST",
      description = "The candidate's own time to first byte (default: as --latency).")
  private @Nullable String candidateLatency;

  @Option(
      names = "--tokens-per-second",
      paramLabel = "N",
      description =
          "How fast both write; 0 is without limit, so that the recorded answers' lengths stay out"
              + " of latency (default ${DEFAULT-VALUE}).")
  private double tokensPerSecond = 0;

  @Option(
      names = "--tokens-per-chunk",
      paramLabel = "N",
      description = "Tokens in one event of a stream (default ${DEFAULT-VALUE}).")
  private int tokensPerChunk = 8;

  @Option(
      names = "--cache-ttl",
      paramLabel = "TIME",
      description =
          "How long a prompt's prefix stays in the prompt cache after its last use (default"
              + " ${DEFAULT-VALUE}).")
  private String cacheTtl = "5m";

  @Option(
      names = "--cache-hit-factor",
      paramLabel = "FACTOR",
      description =
          "What a cached prompt makes of the time to first byte, such as 0.3; 1 reports hits"
              + " without changing latency (default ${DEFAULT-VALUE}).")
  private double cacheHitFactor = 1;

  @Option(names = "--no-cached-tokens", description = "Answers say nothing of cached tokens.")
  private boolean cacheUnreported;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of everything drawn at random (default ${DEFAULT-VALUE}).")
  private long seed = 1;

  /** The seed. */
  public long seed() {
    return seed;
  }

  /** The faults as given, in order. */
  public List<ScheduledFault> faults() {
    if (faults.contains("none")) {
      if (faults.size() > 1) {
        throw new IllegalArgumentException("--fault: none excludes every other");
      }
      return List.of();
    }
    return faults.stream().map(ScheduledFault::parse).toList();
  }

  /** What {@code --latency} is where it was not given. */
  public void latencyOtherwise(String distribution) {
    latency = distribution;
  }

  /** Whether --fault was given, {@code none} included. */
  public boolean anyFault() {
    return !faults.isEmpty();
  }

  /** Whether a recording of the user's own is to be answered from. */
  public boolean ownRecording() {
    return control != null || candidate != null;
  }

  /** What a variant behaves like; every variant but control is a candidate. */
  public ModelSettings settings(String variant) {
    String own = candidateLatency;
    String dist = own == null || variant.equals("control") ? latency : own;
    CacheBehaviour cache =
        new CacheBehaviour(
            !cacheUnreported,
            Quantities.duration("--cache-ttl", cacheTtl),
            CacheBehaviour.DEFAULT.blockTokens(),
            CacheBehaviour.DEFAULT.maxBlocks(),
            cacheHitFactor);
    return new ModelSettings(
        variant, Latency.parse(dist), tokensPerSecond, tokensPerChunk, cache, seed);
  }

  /**
   * What a variant answers.
   *
   * @throws IOException where the file cannot be read
   */
  public RecordedAnswers recorded(String variant) throws IOException {
    boolean isControl = variant.equals("control");
    Path file = isControl ? control : candidate;
    if (file == null) {
      return RecordedAnswers.shipped(isControl ? "control" : "candidate");
    }
    try {
      return RecordedAnswers.read(file);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException(
          (isControl ? "--control" : "--candidate") + ": file not found: " + file, e);
    }
  }
}
