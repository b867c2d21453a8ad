package io.serin.schemas.topics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * docs/topics.md says what the catalogue and the schemas say. {@code -Dserin.docs=true} rewrites
 * it.
 */
class TopicsDocumentationTest {

  private static final Path PAGE = Path.of("..", "docs", "topics.md");

  @Test
  void shouldDocumentEveryTopicAndField() throws IOException {
    String wanted = page();
    if (Boolean.getBoolean("serin.docs")) {
      Files.writeString(PAGE, wanted);
    }

    assertThat(Files.readString(PAGE)).as("run again with -Dserin.docs=true").isEqualTo(wanted);
  }

  @Test
  void shouldSayWhatEveryRecordIs() {
    assertThat(Topics.all())
        .allSatisfy(topic -> assertThat(topic.value().getDoc()).as(topic.name()).isNotBlank());
  }

  @Test
  void shouldGiveEveryFieldAMeaning() {
    List<String> blank = new ArrayList<>();
    Set<Schema> seen = new LinkedHashSet<>();
    Topics.all().forEach(topic -> collectBlank(topic.value(), seen, blank));

    assertThat(blank).as("fields without a comment in schemas/src/main/avro").isEmpty();
  }

  private static void collectBlank(Schema schema, Set<Schema> seen, List<String> blank) {
    switch (schema.getType()) {
      case RECORD -> {
        if (seen.add(schema)) {
          if (line(schema.getDoc()).isBlank()) {
            blank.add(schema.getName());
          }
          for (Schema.Field field : schema.getFields()) {
            if (line(field.doc()).isBlank()) {
              blank.add(schema.getName() + "." + field.name());
            }
            collectBlank(field.schema(), seen, blank);
          }
        }
      }
      case ARRAY -> collectBlank(schema.getElementType(), seen, blank);
      case MAP -> collectBlank(schema.getValueType(), seen, blank);
      case UNION -> schema.getTypes().forEach(branch -> collectBlank(branch, seen, blank));
      case ENUM, LONG, INT, DOUBLE, FLOAT, BOOLEAN, STRING, BYTES, FIXED, NULL -> {}
    }
  }

  private static String page() {
    StringBuilder page = new StringBuilder();
    page.append(
        """
        # Topics

        Everything Serin knows and decides is a record on one of these topics. Values are Avro in Confluent's wire
        format (`0x0`, schema id in four bytes, Avro binary), registered under `TOPIC-value`; keys are UTF-8
        strings. Records are stamped with the broker's append time. Read with `isolation.level=read_committed`.

        A change of a schema must be able to read every version in `schemas/released/`. This page is generated
        from the schemas: `./mvnw -pl schemas test -Dserin.docs=true`.

        | topic | key | kept | one record is |
        |---|---|---|---|
        """);
    for (Topic topic : Topics.all()) {
      page.append(
          "| [%s](#%s) | %s | %s | %s |%n"
              .formatted(
                  topic.name(),
                  topic.name().replace(".", ""),
                  topic.key().name().toLowerCase(java.util.Locale.ROOT),
                  kept(topic),
                  topic.about()));
    }
    Set<Schema> shared = new LinkedHashSet<>();
    for (Topic topic : Topics.all()) {
      page.append("\n## ").append(topic.name()).append("\n\n");
      record(page, topic.value(), shared);
    }
    page.append("\n# Types that several records share\n");
    Set<Schema> done = new LinkedHashSet<>();
    Topics.all().forEach(topic -> done.add(topic.value()));
    while (!done.containsAll(shared)) {
      for (Schema type :
          Set.copyOf(shared).stream()
              .sorted(java.util.Comparator.comparing(Schema::getName))
              .toList()) {
        if (done.add(type)) {
          page.append("\n## ").append(type.getName()).append("\n\n");
          record(page, type, shared);
        }
      }
    }
    return page.toString();
  }

  private static void record(StringBuilder page, Schema type, Set<Schema> shared) {
    page.append(line(type.getDoc())).append("\n");
    if (type.getType() == Schema.Type.ENUM) {
      page.append("\n").append(String.join(", ", type.getEnumSymbols())).append("\n");
      return;
    }
    page.append("\n| field | type | meaning |\n|---|---|---|\n");
    for (Schema.Field field : type.getFields()) {
      page.append(
          "| %s | %s | %s |%n"
              .formatted(field.name(), type(field.schema(), shared), line(field.doc())));
    }
  }

  private static String type(Schema schema, Set<Schema> shared) {
    return switch (schema.getType()) {
      case RECORD, ENUM -> {
        shared.add(schema);
        yield "[%s](#%s)"
            .formatted(schema.getName(), schema.getName().toLowerCase(java.util.Locale.ROOT));
      }
      case ARRAY -> "array of " + type(schema.getElementType(), shared);
      case MAP -> "map of " + type(schema.getValueType(), shared);
      case UNION ->
          schema.getTypes().stream()
              .filter(branch -> branch.getType() != Schema.Type.NULL)
              .map(branch -> type(branch, shared))
              .collect(Collectors.joining(" or ", "", schema.isNullable() ? ", or null" : ""));
      case LONG, INT, DOUBLE, FLOAT, BOOLEAN, STRING, BYTES, FIXED, NULL ->
          schema.getLogicalType() == null ? schema.getName() : schema.getLogicalType().getName();
    };
  }

  private static String line(@Nullable String doc) {
    return doc == null ? "" : doc.replaceAll("\\s+", " ").replace("|", "\\|").strip();
  }

  private static String kept(Topic topic) {
    if (topic.compacted()) {
      return "newest of a key";
    }
    Duration retention = topic.retention();
    return retention == null ? "forever" : retention.toDays() + " d";
  }
}
