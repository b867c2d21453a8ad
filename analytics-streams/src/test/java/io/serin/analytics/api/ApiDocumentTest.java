package io.serin.analytics.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The OpenAPI document says what there is, and is well formed. */
class ApiDocumentTest {
  private static final Pattern IN_PATH = Pattern.compile("\\{([^}]+)}");

  private final JsonNode document = read();

  static JsonNode read() {
    try (InputStream in = ApiDocumentTest.class.getResourceAsStream("openapi.json")) {
      return new ObjectMapper().readTree(Objects.requireNonNull(in));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldDescribeEveryRouteAndNothingElse() {
    Set<String> routes = new TreeSet<>();
    for (Route route : Route.values()) {
      routes.add(route.method() + " " + route.template());
    }
    Set<String> described = new TreeSet<>();
    document
        .path("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .fieldNames()
                    .forEachRemaining(
                        method ->
                            described.add(
                                method.toUpperCase(java.util.Locale.ROOT) + " " + path.getKey())));

    assertThat(described).isEqualTo(routes);
  }

  @Test
  void shouldSayWhichRoleARouteNeeds() {
    for (Route route : Route.values()) {
      JsonNode operation = operation(route);
      Role role = route.role();
      if (role == null) {
        assertThat(operation.path("security").isEmpty()).as(route.template()).isTrue();
        assertThat(operation.path("responses").has("401")).as(route.template()).isFalse();
      } else {
        assertThat(operation.path("security").get(0).has("bearer")).as(route.template()).isTrue();
        assertThat(operation.path("description").asText())
            .contains(role.name().toLowerCase(java.util.Locale.ROOT));
        assertThat(operation.path("responses").has("401")).as(route.template()).isTrue();
        assertThat(operation.path("responses").has("403")).as(route.template()).isTrue();
      }
    }
  }

  @Test
  void shouldBeWellFormedOpenApi() {
    assertThat(document.path("openapi").asText()).startsWith("3.1.");
    assertThat(document.path("info").path("title").asText()).isNotBlank();
    assertThat(document.path("info").path("version").asText()).isNotBlank();
    Set<String> ids = new HashSet<>();
    for (Route route : Route.values()) {
      JsonNode operation = operation(route);
      String name = route.method() + " " + route.template();
      assertThat(ids.add(operation.path("operationId").asText())).as(name).isTrue();
      assertThat(operation.path("summary").asText()).as(name).isNotBlank();
      Set<String> inPath = new HashSet<>();
      Matcher matcher = IN_PATH.matcher(route.template());
      while (matcher.find()) {
        inPath.add(matcher.group(1));
      }
      for (JsonNode parameter : operation.path("parameters")) {
        assertThat(parameter.has("schema")).as(name).isTrue();
        if (parameter.path("in").asText().equals("path")) {
          assertThat(parameter.path("required").asBoolean()).as(name).isTrue();
          assertThat(inPath.remove(parameter.path("name").asText())).as(name).isTrue();
        }
      }
      assertThat(inPath).as(name).isEmpty();
      for (Map.Entry<String, JsonNode> response : operation.path("responses").properties()) {
        assertThat(response.getKey()).as(name).matches("[2-5][0-9]{2}");
        assertThat(response.getValue().path("description").asText()).as(name).isNotBlank();
        if (response.getKey().startsWith("4") || response.getKey().startsWith("5")) {
          assertThat(response.getValue().at("/content/application~1json/schema/$ref").asText())
              .as("%s %s has the one shape of errors", name, response.getKey())
              .isEqualTo("#/components/schemas/Error");
        }
      }
      assertThat(operation.path("responses").properties().iterator().next().getKey())
          .as(name)
          .startsWith("2");
    }
  }

  @Test
  void shouldResolveEveryReferenceAndUseEverySchema() {
    List<String> references = new ArrayList<>();
    collect(document, references);
    for (String reference : references) {
      assertThat(document.at(reference.substring(1)).isMissingNode()).as(reference).isFalse();
    }
    document
        .at("/components/schemas")
        .fieldNames()
        .forEachRemaining(name -> assertThat(references).contains("#/components/schemas/" + name));
  }

  private JsonNode operation(Route route) {
    return document
        .path("paths")
        .path(route.template())
        .path(route.method().toLowerCase(java.util.Locale.ROOT));
  }

  private static void collect(JsonNode node, List<String> references) {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (field.getKey().equals("$ref")) {
        references.add(field.getValue().asText());
      }
    }
    node.forEach(child -> collect(child, references));
  }
}
