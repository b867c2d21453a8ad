package io.serin.house;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Holds the shape of the house: rooms of at most 25 files, files of at most 400 lines, no cycle of
 * packages, services that meet in topics only, and pure packages without I/O. docs/architecture.md
 * describes the shape; each rule is checked over the main sources of all modules.
 */
class HouseTest {

  private static final int FILES_IN_A_PACKAGE = 25;
  private static final int LINES_IN_A_FILE = 400;

  /** Services that may not use each other: they meet in topics. */
  private static final Map<String, String> SERVICES =
      Map.of(
          "router-service", "io.serin.router",
          "shadow-worker", "io.serin.worker",
          "analytics-streams", "io.serin.analytics");

  /** What a pure package may not import: network, log, records, metrics, command line. */
  private static final List<String> ADAPTERS =
      List.of(
          "io.vertx",
          "io.netty",
          "org.apache.kafka",
          "org.apache.avro",
          "org.slf4j",
          "io.micrometer",
          "picocli",
          "java.net.http",
          "com.sun.net.httpserver");

  private static final List<SourceFile> SOURCES = SourceFile.all();

  @Test
  void shouldKeepPackagesSmall() {
    Map<String, Long> files =
        SOURCES.stream()
            .filter(file -> !file.name().endsWith("package-info.java"))
            .collect(groupingBy(SourceFile::packageName, counting()));
    assertThat(files).isNotEmpty();
    assertThat(files.entrySet()).filteredOn(each -> each.getValue() > FILES_IN_A_PACKAGE).isEmpty();
  }

  @Test
  void shouldKeepFilesShort() {
    assertThat(SOURCES)
        .filteredOn(file -> file.lines() > LINES_IN_A_FILE)
        .extracting(file -> file.name() + ": " + file.lines())
        .isEmpty();
  }

  @Test
  void shouldHaveNoCycleOfPackages() {
    Map<String, Set<String>> uses = new TreeMap<>();
    for (SourceFile file : SOURCES) {
      uses.computeIfAbsent(file.packageName(), name -> new TreeSet<>()).addAll(file.packagesUsed());
    }
    assertThat(cycles(uses)).isEmpty();
  }

  @Test
  void shouldLetServicesMeetInTopicsOnly() {
    List<String> crossings = new ArrayList<>();
    for (SourceFile file : SOURCES) {
      SERVICES.forEach(
          (module, root) -> {
            if (SERVICES.containsKey(file.module()) && !file.module().equals(module)) {
              file.packagesUsed().stream()
                  .filter(used -> used.equals(root) || used.startsWith(root + "."))
                  .forEach(used -> crossings.add(file.name() + " uses " + used));
            }
          });
    }
    assertThat(crossings).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "io.serin.openai",
        "io.serin.refusals",
        "io.serin.statistics",
        "io.serin.rollout",
        "io.serin.comparison",
        "io.serin.report",
        "io.serin.router.trip",
        "io.serin.router.feedback",
        "io.serin.analytics.observation",
        "io.serin.analytics.judge",
        "io.serin.analytics.gates",
        "io.serin.analytics.controller",
        "io.serin.analytics.dedup"
      })
  void shouldKeepPurePackagesPure(String root) {
    List<SourceFile> pure =
        SOURCES.stream()
            .filter(
                file ->
                    file.packageName().equals(root) || file.packageName().startsWith(root + "."))
            .toList();
    assertThat(pure).as("sources below %s", root).isNotEmpty();
    Map<String, List<String>> impure =
        pure.stream()
            .collect(
                toMap(
                    SourceFile::name,
                    file ->
                        file.imports().stream()
                            .filter(used -> ADAPTERS.stream().anyMatch(used::startsWith))
                            .toList()));
    assertThat(impure.entrySet()).filteredOn(each -> !each.getValue().isEmpty()).isEmpty();
  }

  /** Groups of packages that use each other, found as strongly connected components (Tarjan). */
  private static List<Set<String>> cycles(Map<String, Set<String>> uses) {
    Components components = new Components(uses);
    uses.keySet().forEach(components::visit);
    return components.cycles;
  }

  private static final class Components {

    private final Map<String, Set<String>> uses;
    private final Map<String, Integer> index = new HashMap<>();
    private final Map<String, Integer> low = new HashMap<>();
    private final Deque<String> stack = new ArrayDeque<>();
    private final List<Set<String>> cycles = new ArrayList<>();

    private Components(Map<String, Set<String>> uses) {
      this.uses = uses;
    }

    private void visit(String name) {
      if (index.containsKey(name)) {
        return;
      }
      index.put(name, index.size());
      low.put(name, index.get(name));
      stack.push(name);
      for (String used : uses.getOrDefault(name, Set.of())) {
        visit(used);
        if (stack.contains(used)) {
          low.merge(name, low.get(used), Math::min);
        }
      }
      if (low.get(name).equals(index.get(name))) {
        Set<String> component = new TreeSet<>();
        String member;
        do {
          member = stack.pop();
          component.add(member);
        } while (!member.equals(name));
        if (component.size() > 1) {
          cycles.add(component);
        }
      }
    }
  }
}
