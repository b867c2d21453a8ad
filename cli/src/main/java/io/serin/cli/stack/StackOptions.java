package io.serin.cli.stack;

import io.serin.schemas.connect.KafkaConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a stack is to run, and how.
 *
 * @param data folder that keeps everything: logs, topics, schemas, journals, state
 * @param host address to listen on
 * @param ports where to listen
 * @param routers how many routers, 1 … 16
 * @param parts what to run; without BROKER or REGISTRY, {@code kafka} names the ones to use
 * @param kafka how to connect; brokers and registry URL are replaced by the embedded ones where
 *     those run
 * @param arguments further command-line arguments of a part's processes
 * @param companions further processes
 * @param extraClassPath put behind Serin's own, such as Confluent's serializer
 * @param startTimeout how long a process may take until it answers for the first time
 * @param caches whether start-up caches are used or made
 */
public record StackOptions(
    Path data,
    String host,
    Ports ports,
    int routers,
    Set<Part> parts,
    KafkaConnection kafka,
    Map<Part, List<String>> arguments,
    List<Companion> companions,
    List<Path> extraClassPath,
    Duration startTimeout,
    CacheMode caches) {

  public StackOptions {
    if (routers < 1 || routers > 16) {
      throw new IllegalArgumentException("--routers is " + routers + ": it must be from 1 to 16");
    }
    data = data.toAbsolutePath().normalize();
    parts = Set.copyOf(parts);
    arguments = Map.copyOf(arguments);
    companions = List.copyOf(companions);
    extraClassPath = List.copyOf(extraClassPath);
  }

  /** Everything, on this machine's loopback, with data in {@code data}. */
  public static Builder in(Path data) {
    return new Builder(data);
  }

  /** Makes options; every setting has a default. */
  public static final class Builder {
    private final Path data;
    private String host = "127.0.0.1";
    private Ports ports = Ports.DEFAULT;
    private int routers = 1;
    private Set<Part> parts = EnumSet.allOf(Part.class);
    private KafkaConnection kafka =
        KafkaConnection.of("127.0.0.1:9092", "http://127.0.0.1:8081/apis/ccompat/v7");
    private final Map<Part, List<String>> arguments = new HashMap<>();
    private final List<Companion> companions = new ArrayList<>();
    private final List<Path> extraClassPath = new ArrayList<>();
    private Duration startTimeout = Duration.ofSeconds(90);
    private CacheMode caches = CacheMode.USE;

    private Builder(Path data) {
      this.data = data;
    }

    public Builder host(String value) {
      host = value;
      return this;
    }

    public Builder ports(Ports value) {
      ports = value;
      return this;
    }

    public Builder routers(int value) {
      routers = value;
      return this;
    }

    public Builder parts(Set<Part> value) {
      parts = Set.copyOf(value);
      return this;
    }

    public Builder kafka(KafkaConnection value) {
      kafka = value;
      return this;
    }

    /** Adds arguments to every process of a part. */
    public Builder arguments(Part part, List<String> more) {
      arguments.merge(
          part,
          List.copyOf(more),
          (a, b) -> {
            List<String> both = new ArrayList<>(a);
            both.addAll(b);
            return List.copyOf(both);
          });
      return this;
    }

    public Builder companion(Companion companion) {
      companions.add(companion);
      return this;
    }

    public Builder extraClassPath(List<Path> more) {
      extraClassPath.addAll(more);
      return this;
    }

    public Builder startTimeout(Duration value) {
      startTimeout = value;
      return this;
    }

    /** Whether start-up caches are used, which is the default, or made. */
    public Builder caches(CacheMode value) {
      caches = value;
      return this;
    }

    public StackOptions build() {
      return new StackOptions(
          data,
          host,
          ports,
          routers,
          parts,
          kafka,
          arguments,
          companions,
          extraClassPath,
          startTimeout,
          caches);
    }
  }
}
